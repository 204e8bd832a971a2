/* SPDX-License-Identifier: MIT */
#include "relief.h"

#include <errno.h>
#include <time.h>

/* What the kernel frees comes back to the cgroup after an RCU grace period, some milliseconds. */
#define PAUSE_NS 100000ull
#define DOUBLES  7u /* the longest pause: 12.8 ms */

bool relief_may_help(int error)
{
    return error == ENOMEM || error == EAGAIN || error == EINTR;
}

uint64_t relief_pause(uint32_t attempt)
{
    return PAUSE_NS << (attempt < DOUBLES ? attempt : DOUBLES);
}

bool relief_step(struct map_call *call, struct ballast *ballast, uint32_t attempt)
{
    const struct timespec pause = {.tv_nsec = (long)relief_pause(attempt)};

    if (ballast != NULL && ballast_lend(ballast))
        return true;
    if (call->wait != NULL)
        return call->wait(call, relief_pause(attempt));
    nanosleep(&pause, NULL);
    return true;
}
