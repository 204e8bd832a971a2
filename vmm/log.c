/* SPDX-License-Identifier: MIT */
#include "vmm/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINES_A_SECOND 10u

static const char *vm_name = "-";

void log_set_name(const char *name)
{
    vm_name = name;
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
    size_t end = (size_t)length < room ? (size_t)length : room - 1;
    line[end] = '\n';
    /* Nobody is left to tell if standard error is gone. */
    ssize_t written = write(STDERR_FILENO, line, end + 1);
    (void)written;
}

void log_line(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(format, args, 0);
    va_end(args);
}

/* Whether standard error would take a line without waiting. */
static bool taken_at_once(void)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0;
}

void log_limited(struct log_limit *limit, const char *format, ...)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    uint64_t second = (uint64_t)now.tv_sec;
    if (atomic_exchange(&limit->second, second) != second)
        atomic_store(&limit->lines, 0);
    /* A guest that makes lines must not be stopped by a reader who does not take them. */
    if (atomic_fetch_add(&limit->lines, 1) >= LINES_A_SECOND || !taken_at_once()) {
        atomic_fetch_add(&limit->dropped, 1);
        return;
    }

    va_list args;
    va_start(args, format);
    write_line(format, args, atomic_exchange(&limit->dropped, 0));
    va_end(args);
}
