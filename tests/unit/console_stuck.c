/* SPDX-License-Identifier: MIT
 * A console that was handed down and that nobody reads holds nobody up, whatever kind it is: the
 * thread that writes has the lock of all devices. */
#include "vmm/devices/console.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
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
    struct made_file made = {0};

    snprintf(text, sizeof text, "fd:%d", fd);
    struct console *console = console_open(text, &made, &error);
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
    struct made_file made = {0};
    const int fd = mkostemp(path, O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, "abc", 3), 3);
    snprintf(text, sizeof text, "fd:%d", fd);
    struct console *console = console_open(text, &made, &error);
    assert_non_null(console);
    console_write(console, (const uint8_t *)"def", 3);
    assert_int_equal(write(fd, "g", 1), 1);
    assert_int_equal(pread(fd, content, sizeof content, 0), 7);
    assert_string_equal(content, "abcdefg");
    console_close(console);
    close(fd);
}

static int full[2]; /* a pipe */

static void empty_it(int number)
{
    char bytes[4096];

    (void)number;
    while (read(full[0], bytes, sizeof bytes) > 0)
        ;
}

/* A pause gets vCPUs' threads out of whatever they wait for, by a signal: here the reader reads
 * just then. */
static void a_signal_is_no_reader_that_is_stuck(void **state)
{
    const struct sigaction reads = {.sa_handler = empty_it};
    const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    char text[32], bytes[4096] = "";
    struct error error;
    struct made_file made = {0};

    (void)state;
    assert_int_equal(pipe2(full, O_NONBLOCK), 0);
    while (write(full[1], bytes, sizeof bytes) > 0)
        ;
    snprintf(text, sizeof text, "fd:%d", full[1]);
    struct console *console = console_open(text, &made, &error);
    assert_non_null(console);
    sigaction(SIGALRM, &reads, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    console_write(console, (const uint8_t *)"kept", 4);
    assert_int_equal(read(full[0], bytes, sizeof bytes), 4);
    assert_memory_equal(bytes, "kept", 4);
    signal(SIGALRM, SIG_DFL);
    console_close(console);
    close(full[0]);
    close(full[1]);
}

/* A terminal that has not been turned raw: a driver that polls asks for no input. */
static void end_of_transmission_is_a_key(void **state)
{
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    const int before = dup(STDIN_FILENO);
    struct error error;
    struct made_file made = {0};
    uint8_t byte = 0;

    (void)state;
    assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
    const int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    assert_int_equal(dup2(slave, STDIN_FILENO), STDIN_FILENO);
    struct console *console = console_open("stdio", &made, &error);
    assert_non_null(console);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(terminal, "\x04", 1), 1);
        assert_true(console_read(console, &byte));
        assert_int_equal(byte, 0x04);
        assert_false(console_read(console, &byte));
    }
    assert_int_equal(write(terminal, "a\n", 2), 2);
    assert_true(console_read(console, &byte));
    assert_int_equal(byte, 'a');
    assert_true(console_input(console) >= 0);

    /* Its real end. */
    assert_true(console_read(console, &byte));
    close(terminal);
    assert_false(console_read(console, &byte));
    assert_int_equal(console_input(console), -1);
    console_close(console);
    dup2(before, STDIN_FILENO);
    close(before);
    close(slave);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_that_nobody_reads),
        cmocka_unit_test(a_socket_that_nobody_reads),
        cmocka_unit_test(a_file_goes_on_where_it_stood),
        cmocka_unit_test(a_terminal_that_nobody_reads),
        cmocka_unit_test(a_signal_is_no_reader_that_is_stuck),
        cmocka_unit_test(end_of_transmission_is_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
