/* SPDX-License-Identifier: MIT */
#include "console.h"

#include "console_where.h"
#include "sink.h"
#include "terminal.h"

#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/process/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define END_OF_TRANSMISSION 0x04 /* ^D */

struct console {
    int in; /* -1: nothing comes in */
    struct sink out;
    struct sink log;
    int other_side; /* of the pty, held open so that writing to it never fails */
    bool owns_out;
    bool on_terminal; /* standard input is one */
    char description[300];
    char out_name[320];
    char log_name[320];
};

/* Opens a pipe or a terminal that was handed down once more, without waiting: a terminal has room
 * for a part of what is written and would wait for the rest. To change the descriptor itself would
 * change it for all who have it. -1 where that cannot be had. */
static int open_again(int given)
{
    struct stat info;
    char path[32];
    int number;

    if (fstat(given, &info) < 0)
        return -1;
    /* To open the master of a pty makes another one. */
    const bool terminal = isatty(given) && ioctl(given, TIOCGPTN, &number) < 0;
    if (!S_ISFIFO(info.st_mode) && !terminal)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", given);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* A descriptor of our own beside one that was handed down. -1 with the error set. */
static int take_descriptor(const char *option, const char *text, struct error *error)
{
    const int given = console_descriptor(text);
    const int flags = fcntl(given, F_GETFL);

    if (flags < 0)
        return error_set(error, "%s %s: %s", option, text, cause_text(errno));
    if ((flags & O_ACCMODE) == O_RDONLY)
        return error_set(error, "%s %s: is open for reading only", option, text);
    const int again = open_again(given);
    const int fd = again >= 0 ? again : fcntl(given, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return error_set(error, "%s %s: %s", option, text, cause_text(errno));
    return fd;
}

static int open_file(struct console *console, const char *path, struct made_file *new_file,
                     struct error *error)
{
    /* Behind whatever is there, also when it was rotated. Not to be held up by a FIFO that nobody
     * reads. */
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    console->out.fd = open(path, flags);
    if (console->out.fd < 0 && errno == ENOENT) {
        console->out.fd = open(path, flags | O_CREAT | O_EXCL, 0644);
        if (console->out.fd >= 0)
            made_file_note(new_file, console->out.fd);
    }
    if (console->out.fd < 0)
        return error_set(error, "--console file:%s: %s", path, cause_text(errno));
    console->owns_out = true;
    return 0;
}

static int open_pty(struct console *console, struct error *error)
{
    struct termios raw;
    char name[64];

    console->out.fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    console->owns_out = true;
    if (console->out.fd < 0 || grantpt(console->out.fd) < 0 || unlockpt(console->out.fd) < 0 ||
        ptsname_r(console->out.fd, name, sizeof name) != 0)
        return error_set(error, "--console pty: %s", cause_text(errno));
    console->other_side = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (console->other_side < 0 || tcgetattr(console->other_side, &raw) < 0)
        return error_set(error, "--console pty: %s: %s", name, cause_text(errno));
    cfmakeraw(&raw);
    tcsetattr(console->other_side, TCSANOW, &raw);
    fcntl(console->out.fd, F_SETFL, O_NONBLOCK);
    console->in = console->out.fd;
    snprintf(console->description, sizeof console->description, "pty:%s", name);
    return 0;
}

static int open_stdio(struct console *console, struct error *error)
{
    if (!inherited(STDOUT_FILENO))
        return error_set(error, "--console stdio: the VMM was started without standard output; say "
                                "--console pty or file:PATH");
    console->in = STDIN_FILENO;
    console->on_terminal = isatty(STDIN_FILENO);
    console->out.fd = open_again(STDOUT_FILENO);
    console->owns_out = console->out.fd >= 0;
    if (!console->owns_out)
        console->out.fd = STDOUT_FILENO;
    return 0;
}

struct console *console_open(const char *text, struct made_file *new_file, struct error *error)
{
    struct console *console = calloc(1, sizeof *console);
    int result = 0;

    if (console == NULL) {
        error_set(error, "%s", cause_text(ENOMEM));
        return NULL;
    }
    *console = (struct console){.in = -1, .out = {.fd = -1}, .log = {.fd = -1}, .other_side = -1};
    snprintf(console->description, sizeof console->description, "%s", text);
    if (console_file_path(text) != NULL) {
        result = open_file(console, console_file_path(text), new_file, error);
    } else if (strcmp(text, "pty") == 0) {
        result = open_pty(console, error);
    } else if (console_descriptor(text) >= 0) {
        console->out.fd = take_descriptor("--console", text, error);
        console->owns_out = true;
        result = console->out.fd < 0 ? -1 : 0;
    } else {
        result = open_stdio(console, error);
    }
    snprintf(console->out_name, sizeof console->out_name, "--console %s", text);
    console->out.name = console->out_name;
    if (result < 0) {
        console_close(console);
        return NULL;
    }
    return console;
}

int console_open_log(struct console *console, const char *text, struct made_file *new_file,
                     struct error *error)
{
    const char *path = console_file_path(text);
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    snprintf(console->log_name, sizeof console->log_name, "--console-log %s", text);
    console->log.name = console->log_name;
    if (path == NULL) {
        console->log.fd = take_descriptor("--console-log", text, error);
        return console->log.fd < 0 ? -1 : 0;
    }
    console->log.fd = open(path, flags);
    if (console->log.fd < 0 && errno == ENOENT) {
        console->log.fd = open(path, flags | O_CREAT | O_EXCL, 0644);
        if (console->log.fd >= 0)
            made_file_note(new_file, console->log.fd);
    }
    if (console->log.fd < 0)
        return error_set(error, "--console-log %s: %s", text, cause_text(errno));
    return 0;
}

void console_close(struct console *console)
{
    terminal_restore();
    sink_close(&console->out, console->owns_out);
    sink_close(&console->log, true);
    if (console->other_side >= 0)
        close(console->other_side);
    free(console);
}

void console_begin(const struct console *console)
{
    /* What is not a regular file has no old content; that of a descriptor is its giver's affair. */
    if (console_file_path(console->description) != NULL && ftruncate(console->out.fd, 0) < 0)
        return;
}

const char *console_description(const struct console *console)
{
    return console->description;
}

int console_input(const struct console *console)
{
    return console->in;
}

void console_write(struct console *console, const uint8_t *bytes, size_t count)
{
    sink_write(&console->out, bytes, count);
    if (console->log.fd >= 0)
        sink_write(&console->log, bytes, count);
}

static struct log_limit about_keys;

bool console_in_background(const struct console *console)
{
    return console->in == STDIN_FILENO && terminal_in_background(console->in);
}

void console_take_terminal(const struct console *console)
{
    if (!console->on_terminal || console->in != STDIN_FILENO)
        return;
    if (terminal_take(console->in))
        log_limited(&about_keys, "the guest has the terminal; ^] ends the VM");
}

void console_lose_terminal(const struct console *console)
{
    if (console->on_terminal)
        terminal_lose();
}

/* Of a terminal that still has lines. A ^D on an empty one looks like the end of a file. */
static bool is_key(const struct console *console, short events, ssize_t got, uint8_t *byte)
{
    if (!console->on_terminal || console->in != STDIN_FILENO || got != 0 || (events & POLLHUP) != 0)
        return false;
    *byte = END_OF_TRANSMISSION;
    return true;
}

bool console_read(struct console *console, uint8_t *byte)
{
    struct pollfd in = {.fd = console->in, .events = POLLIN};

    if (console->in < 0 || poll(&in, 1, 0) != 1 || console_in_background(console))
        return false;
    const ssize_t got = (in.revents & POLLIN) != 0 ? read(console->in, byte, 1) : 0;
    if (got == 1 && console->on_terminal && *byte == TERMINAL_ESCAPE) {
        log_limited(&about_keys, "^] was typed: the VM ends");
        kill(getpid(), SIGTERM);
        return false;
    }
    if (got == 1 || is_key(console, in.revents, got, byte))
        return true;
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (console->in == STDIN_FILENO)
        console->in = -1; /* its end was reached */
    return false;
}
