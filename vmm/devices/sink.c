/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include "vmm/cause.h"
#include "vmm/rotated.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

/* How long a byte may wait for a reader of standard output or of the pty. */
#define PATIENCE_MS 100

/* A pipe takes PIPE_BUF bytes at once whenever it polls writable. */
#define PART_MOST 512u

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool is_writable(struct sink *sink)
{
    struct pollfd out = {.fd = sink->fd, .events = POLLOUT};
    int64_t left = sink->stuck ? 0 : PATIENCE_MS;
    const int64_t end = left > 0 ? now_ms() + left : 0;
    int result;

    /* Signals get vCPUs' threads out of KVM_RUN, and may come while one writes. */
    while ((result = poll(&out, 1, (int)left)) < 0 && errno == EINTR) {
        left = end - now_ms();
        left = left > 0 ? left : 0;
    }
    /* What polls as an error tells which one when it is written to. */
    const bool ready = result == 1 && (out.revents & (POLLOUT | POLLERR)) != 0;
    sink->stuck = !ready;
    return ready;
}

static void note_failure(struct sink *sink, int error, size_t count)
{
    sink->lost += count;
    if (sink->failure == error)
        return;
    sink->failure = error;
    log_limited(&sink->complaints, "%s: %s; what the guest sends is lost until there is room",
                sink->name, cause_text(error));
}

static void note_success(struct sink *sink)
{
    if (sink->failure == 0)
        return;
    sink->failure = 0;
    log_limited(&sink->complaints, "%s: can be written again; %llu bytes were lost", sink->name,
                (unsigned long long)sink->lost);
    sink->lost = 0;
}

void sink_write(struct sink *sink, const uint8_t *bytes, size_t count)
{
    rotated_follow(sink->fd);
    while (count > 0 && is_writable(sink)) {
        const ssize_t written = write(sink->fd, bytes, count < PART_MOST ? count : PART_MOST);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            if (written < 0 && errno != EAGAIN)
                note_failure(sink, errno, count);
            return;
        }
        note_success(sink);
        bytes += written;
        count -= (size_t)written;
    }
}

void sink_close(struct sink *sink, bool owned)
{
    if (sink->fd < 0)
        return;
    if (sink->failure != 0)
        log_line("%s: %llu bytes were lost", sink->name, (unsigned long long)sink->lost);
    if (owned)
        close(sink->fd);
    sink->fd = -1;
}
