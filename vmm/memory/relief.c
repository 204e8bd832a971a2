/* SPDX-License-Identifier: MIT */
#include "relief.h"

#include <errno.h>
#include <time.h>

/* What the kernel frees comes back to the cgroup after an RCU grace period, some milliseconds. */
#define PAUSE_NS 100000L
#define DOUBLES  7u /* the longest pause: 12.8 ms */

bool relief_may_help(int error)
{
    return error == ENOMEM || error == EAGAIN || error == EINTR;
}

void relief_step(struct ballast *ballast, uint32_t attempt)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS << (attempt < DOUBLES ? attempt : DOUBLES)};

    if (ballast == NULL || !ballast_lend(ballast))
        nanosleep(&pause, NULL);
}
