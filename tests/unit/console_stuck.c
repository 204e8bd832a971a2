/* SPDX-License-Identifier: MIT
 * A console that was handed down and that nobody reads holds nobody up, whatever kind it is: the
 * thread that writes has the lock of all devices. */
#include "vmm/devices/console.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_S 20u /* then the test is ended by a signal */

/* Far more than any of them takes in, in lines of all lengths: some room is always left. */
static void fill(int fd)
{
    char text[32];
    uint8_t lines[509];
    struct error error;
    bool created;

    snprintf(text, sizeof text, "fd:%d", fd);
    struct console *console = console_open(text, &created, &error);
    assert_non_null(console);
    memset(lines, 'x', sizeof lines);
    for (size_t i = 0; i < sizeof lines; i += 3)
        lines[i] = '\n';
    alarm(LIMIT_S);
    for (unsigned i = 0; i < 8192; i++)
        console_write(console, lines, 1 + i * 37 % sizeof lines);
    alarm(0);
    console_close(console);
}

static void a_terminal_that_nobody_reads(void **state)
{
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];

    (void)state;
    assert_true(terminal >= 0);
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    assert_int_equal(ptsname_r(terminal, name, sizeof name), 0);
    const int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(fd >= 0);
    fill(fd);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0); /* others have it, too */
    close(fd);
    close(terminal);
}

static void a_pipe_that_nobody_reads(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    fill(ends[1]);
    assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    close(ends[0]);
    close(ends[1]);
}

static void a_socket_that_nobody_reads(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    fill(ends[1]);
    close(ends[0]);
    close(ends[1]);
}

/* What is handed down may be written to by others, from where it stands. */
static void a_file_goes_on_where_it_stood(void **state)
{
    char path[] = "/tmp/holdfast-console.XXXXXX";
    char text[32], content[8] = "";
    struct error error;
    bool created;
    const int fd = mkostemp(path, O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, "abc", 3), 3);
    snprintf(text, sizeof text, "fd:%d", fd);
    struct console *console = console_open(text, &created, &error);
    assert_non_null(console);
    console_write(console, (const uint8_t *)"def", 3);
    assert_int_equal(write(fd, "g", 1), 1);
    assert_int_equal(pread(fd, content, sizeof content, 0), 7);
    assert_string_equal(content, "abcdefg");
    console_close(console);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_that_nobody_reads),
        cmocka_unit_test(a_socket_that_nobody_reads),
        cmocka_unit_test(a_file_goes_on_where_it_stood),
        cmocka_unit_test(a_terminal_that_nobody_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
