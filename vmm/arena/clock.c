/* SPDX-License-Identifier: MIT */
#include "room.h"

#include <time.h>

uint64_t arena_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
