/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* How long a byte may wait for a reader of standard output or of the pty. */
#define PATIENCE_MS 100

struct console {
    int in; /* -1: nothing comes in */
    int out;
    int other_side; /* of the pty, held open so that writing to it never fails */
    bool owns_out;
    bool stuck; /* the reader did not keep up: no waiting until it reads again */
    char description[300];
};

static const char *file_path(const char *text)
{
    return strncmp(text, "file:", 5) == 0 && text[5] != '\0' ? text + 5 : NULL;
}

int console_check(const char *text, struct error *error)
{
    if (strcmp(text, "stdio") == 0 || strcmp(text, "pty") == 0 || file_path(text) != NULL)
        return 0;
    return error_set(error, "--console %s: no such console; say stdio, pty or file:PATH", text);
}

static int open_file(struct console *console, const char *path, bool *created, struct error *error)
{
    /* Not to be held up by a FIFO that nobody reads. */
    const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    console->out = open(path, flags);
    if (console->out < 0 && errno == ENOENT) {
        console->out = open(path, flags | O_CREAT | O_EXCL, 0644);
        *created = console->out >= 0;
    }
    if (console->out < 0)
        return error_set(error, "--console file:%s: %s", path, strerror(errno));
    console->owns_out = true;
    return 0;
}

static int open_pty(struct console *console, struct error *error)
{
    struct termios raw;
    char name[64];

    console->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    console->owns_out = true;
    if (console->out < 0 || grantpt(console->out) < 0 || unlockpt(console->out) < 0 ||
        ptsname_r(console->out, name, sizeof name) != 0)
        return error_set(error, "--console pty: %s", strerror(errno));
    console->other_side = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (console->other_side < 0 || tcgetattr(console->other_side, &raw) < 0)
        return error_set(error, "--console pty: %s: %s", name, strerror(errno));
    cfmakeraw(&raw);
    tcsetattr(console->other_side, TCSANOW, &raw);
    fcntl(console->out, F_SETFL, O_NONBLOCK);
    console->in = console->out;
    snprintf(console->description, sizeof console->description, "pty:%s", name);
    return 0;
}

struct console *console_open(const char *text, bool *created, struct error *error)
{
    struct console *console = calloc(1, sizeof *console);
    int result = 0;

    if (console == NULL) {
        error_set(error, "out of memory");
        return NULL;
    }
    *console = (struct console){.in = -1, .out = -1, .other_side = -1};
    snprintf(console->description, sizeof console->description, "%s", text);
    if (file_path(text) != NULL) {
        result = open_file(console, file_path(text), created, error);
    } else if (strcmp(text, "pty") == 0) {
        result = open_pty(console, error);
    } else {
        console->in = STDIN_FILENO;
        console->out = STDOUT_FILENO;
    }
    if (result < 0) {
        console_close(console);
        return NULL;
    }
    return console;
}

void console_close(struct console *console)
{
    if (console->owns_out && console->out >= 0)
        close(console->out);
    if (console->other_side >= 0)
        close(console->other_side);
    free(console);
}

void console_begin(const struct console *console)
{
    /* What is not a regular file has no old content. */
    if (console->owns_out && ftruncate(console->out, 0) < 0)
        return;
}

const char *console_description(const struct console *console)
{
    return console->description;
}

static bool writable(struct console *console)
{
    struct pollfd out = {.fd = console->out, .events = POLLOUT};

    const bool ready =
        poll(&out, 1, console->stuck ? 0 : PATIENCE_MS) == 1 && (out.revents & POLLOUT) != 0;
    console->stuck = !ready;
    return ready;
}

void console_write(struct console *console, const uint8_t *bytes, size_t count)
{
    while (count > 0 && writable(console)) {
        /* A pipe takes PIPE_BUF bytes at once whenever it polls writable. */
        const size_t part = count < 512 ? count : 512;
        const ssize_t written = write(console->out, bytes, part);
        if (written <= 0)
            return;
        bytes += written;
        count -= (size_t)written;
    }
}

int console_input(const struct console *console)
{
    return console->in;
}

/* Reading its controlling terminal from the background would stop the process; of any other
 * terminal, tcgetpgrp() knows nothing. */
bool console_in_background(const struct console *console)
{
    const pid_t foreground = console->in == STDIN_FILENO ? tcgetpgrp(console->in) : -1;

    return foreground >= 0 && foreground != getpgrp();
}

bool console_read(struct console *console, uint8_t *byte)
{
    struct pollfd in = {.fd = console->in, .events = POLLIN};

    if (console->in < 0 || poll(&in, 1, 0) != 1 || console_in_background(console))
        return false;
    if ((in.revents & POLLIN) != 0 && read(console->in, byte, 1) == 1)
        return true;
    if (console->in == STDIN_FILENO)
        console->in = -1; /* its end was reached */
    return false;
}
