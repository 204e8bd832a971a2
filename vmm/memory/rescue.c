/* SPDX-License-Identifier: MIT */
#include "rescue.h"

#include <errno.h>
#include <time.h>

/* What the kernel frees comes back to the cgroup after an RCU grace period, some milliseconds. */
#define PAUSE_NS 100000ull
#define DOUBLES  7u /* the longest pause: 12.8 ms */

bool rescue_may_help(int error)
{
    return error == ENOMEM || error == EAGAIN || error == EINTR;
}

uint64_t rescue_pause(uint32_t attempt)
{
    return PAUSE_NS << (attempt < DOUBLES ? attempt : DOUBLES);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void rescue_note(struct map_call *call, const char *system_call, int cause, uint32_t attempt)
{
    call->cause = cause;
    call->refusals++;
    call->system_call = system_call;
    call->attempts = attempt + 1;
    if (call->since == 0)
        call->since = now_ns();
}

bool rescue_step(struct map_call *call, struct ballast *ballast, uint32_t attempt)
{
    const struct timespec pause = {.tv_nsec = (long)rescue_pause(attempt)};

    if (ballast != NULL && ballast_lend(ballast)) {
        call->has_lent = true;
        return true;
    }
    if (call->wait != NULL)
        return call->wait(call, rescue_pause(attempt));
    nanosleep(&pause, NULL);
    return true;
}
