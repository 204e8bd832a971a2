/* SPDX-License-Identifier: MIT */
#include "vmm/log.h"

#include "vmm/process/journal.h"
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

/* Bytes of a line, its end included. */
#define LINE_MOST 512u

/* How long a line may wait for a reader of standard error. */
#define PATIENCE_MS 1000

static const char *vm_name = "-";
static int log_fd = STDERR_FILENO;
static enum journal_way journal;

const struct log_about log_error = {.level = LOG_LEVEL_ERROR};
const struct log_about log_warning = {.level = LOG_LEVEL_WARNING};
static const struct log_about nothing;

void log_set_name(const char *name)
{
    vm_name = name;
}

void log_open(void)
{
    struct stat kind;
    int socket;

    journal = journal_open(&socket);
    if (journal == JOURNAL_NATIVE)
        log_fd = socket;
    if (journal != JOURNAL_NONE)
        return;
    /* A regular file takes every line, but would be written from its beginning. */
    if (fstat(STDERR_FILENO, &kind) < 0 || !(S_ISFIFO(kind.st_mode) || isatty(STDERR_FILENO)))
        return;
    const int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        log_fd = fd;
}

/* What comes before the text, for people and for whoever sorts lines. */
static int begin_line(const struct log_about *about, char *line, size_t room)
{
    switch (journal) {
    case JOURNAL_NATIVE:
        return journal_begin(about, vm_name, line, room);
    case JOURNAL_LEVELS:
        return snprintf(line, room, "<%d>holdfast-vmm[%s]: ", journal_level(about), vm_name);
    case JOURNAL_NONE:
        break;
    }
    return snprintf(line, room, "holdfast-vmm[%s]: ", vm_name);
}

static void write_line(const struct log_about *about, const char *format, va_list args,
                       uint32_t dropped)
{
    char line[LINE_MOST + JOURNAL_FIELDS];
    int begin = begin_line(about, line, sizeof line);

    if (begin < 0 || (size_t)begin > JOURNAL_FIELDS)
        return;
    const size_t room = journal == JOURNAL_NATIVE ? (size_t)begin + LINE_MOST : LINE_MOST;
    int length = begin + vsnprintf(line + begin, room - (size_t)begin, format, args);
    if (length < begin)
        return;
    if (dropped > 0 && (size_t)length < room)
        snprintf(line + length, room - (size_t)length, " (%u like it left out)", dropped);
    /* Names that it quotes may hold anything; of the fields, each ends with its line. */
    utf8_make_plain(journal == JOURNAL_NATIVE ? line + begin : line);
    const size_t end = strlen(line);
    line[end] = '\n'; /* over the zero: room for that is left behind it, or not wanted */
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
    write_line(&nothing, format, args, 0);
    va_end(args);
}

void log_line_about(const struct log_about *about, const char *format, ...)
{
    va_list args;

    if (!taken(PATIENCE_MS))
        return;
    va_start(args, format);
    write_line(about, format, args, 0);
    va_end(args);
}

static void write_limited(struct log_limit *limit, const struct log_about *about,
                          const char *format, va_list args)
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
    write_line(about, format, args, atomic_exchange(&limit->dropped, 0));
}

void log_limited(struct log_limit *limit, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_limited(limit, &log_warning, format, args);
    va_end(args);
}

void log_limited_about(struct log_limit *limit, const struct log_about *about, const char *format,
                       ...)
{
    va_list args;

    va_start(args, format);
    write_limited(limit, about, format, args);
    va_end(args);
}
