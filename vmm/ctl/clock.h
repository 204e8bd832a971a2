/* SPDX-License-Identifier: MIT
 * The clock of intervals and rates. */
#ifndef HOLDFAST_CTL_CLOCK_H
#define HOLDFAST_CTL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. Cannot fail on Linux. */
static inline uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif
