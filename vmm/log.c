/* SPDX-License-Identifier: MIT */
#include "vmm/log.h"

#include "vmm/rotated.h"
#include "vmm/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINES_A_SECOND 10u

/* How long a line may wait for a reader of standard error. */
#define PATIENCE_MS 1000

static const char *vm_name = "-";
static int log_fd = STDERR_FILENO;

void log_set_name(const char *name)
{
    vm_name = name;
}

void log_open(void)
{
    struct stat kind;

    /* A regular file takes every line, but would be written from its beginning. */
    if (fstat(STDERR_FILENO, &kind) < 0 || !(S_ISFIFO(kind.st_mode) || isatty(STDERR_FILENO)))
        return;
    const int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        log_fd = fd;
}

static void write_line(const char *format, va_list args, uint32_t dropped)
{
    char line[512];
    const size_t room = sizeof line - 1; /* the newline always fits */
    int length = snprintf(line, room, "holdfast-vmm[%s]: ", vm_name);

    if (length > 0 && (size_t)length < room)
        length += vsnprintf(line + length, room - (size_t)length, format, args);
    if (dropped > 0 && length > 0 && (size_t)length < room)
        length += snprintf(line + length, room - (size_t)length, " (%u like it left out)", dropped);
    if (length < 0)
        return;
    line[room - 1] = '\0';
    utf8_make_plain(line); /* names that it quotes may hold anything */
    const size_t end = strlen(line);
    line[end] = '\n';
    rotated_follow(log_fd);
    /* Nobody is left to tell if standard error is gone. */
    ssize_t written = write(log_fd, line, end + 1);
    (void)written;
}

/* Whether standard error takes a line, and at once where a line has waited in vain before. */
static bool taken(int patience_ms)
{
    static _Atomic bool stuck;
    struct pollfd out = {.fd = log_fd, .events = POLLOUT};
    int result;

    /* Signals get vCPUs' threads out of KVM_RUN. */
    do
        result = poll(&out, 1, atomic_load(&stuck) ? 0 : patience_ms);
    while (result < 0 && errno == EINTR);
    const bool ready = result == 1 && (out.revents & POLLOUT) != 0;
    if (ready || patience_ms > 0)
        atomic_store(&stuck, !ready);
    return ready;
}

void log_line(const char *format, ...)
{
    va_list args;

    if (!taken(PATIENCE_MS))
        return;
    va_start(args, format);
    write_line(format, args, 0);
    va_end(args);
}

void log_limited(struct log_limit *limit, const char *format, ...)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    uint64_t second = (uint64_t)now.tv_sec;
    if (atomic_exchange(&limit->second, second) != second)
        atomic_store(&limit->lines, 0);
    /* A guest that makes lines must not be stopped by a reader who does not take them. */
    if (atomic_fetch_add(&limit->lines, 1) >= LINES_A_SECOND || !taken(0)) {
        atomic_fetch_add(&limit->dropped, 1);
        return;
    }

    va_list args;
    va_start(args, format);
    write_line(format, args, atomic_exchange(&limit->dropped, 0));
    va_end(args);
}
