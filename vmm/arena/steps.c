/* SPDX-License-Identifier: MIT
 * Operators' calls that look at, or change, much of the arena take its lock for one step at a time.
 *
 * The lock is not fair: a thread that takes it again at once takes it before those that it has just
 * woken. So between two steps the lock is left free for as long as the step has taken, and long
 * enough for a thread to wake up. */
#include "room.h"

#include <time.h>

#define REST_LEAST 100000u   /* nanoseconds */
#define REST_MOST  10000000u /* where a step had to wait for the host */

uint64_t step_begin(struct arena *arena)
{
    pthread_mutex_lock(&arena->lock);
    return arena_now();
}

void step_end(struct arena *arena, uint64_t began, bool more)
{
    const uint64_t taken = arena_now() - began;
    const uint64_t rest = taken < REST_LEAST ? REST_LEAST : taken < REST_MOST ? taken : REST_MOST;

    pthread_mutex_unlock(&arena->lock);
    if (more)
        nanosleep(&(struct timespec){.tv_nsec = (long)rest}, NULL);
}
