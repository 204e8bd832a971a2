/* SPDX-License-Identifier: MIT */
#include "keeper.h"

#include "vmm/memory/stack.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Seldom enough that a MAP which needs the memory is not in a race with the keeper for it. */
#define PERIOD_NS 100000000l

static void pause_for_a_period(struct keeper *keeper)
{
    struct timespec until;

    /* A post meanwhile, be it the one that ends the keeper, is as good as the time. */
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PERIOD_NS;
    if (until.tv_nsec >= 1000000000l) {
        until.tv_nsec -= 1000000000l;
        until.tv_sec++;
    }
    sem_timedwait(&keeper->ballast->was_lent, &until);
}

static void *keep(void *argument)
{
    struct keeper *keeper = argument;

    stack_set_aside();
    while (!atomic_load(&keeper->stop)) {
        if (!ballast_is_short(keeper->ballast)) {
            sem_wait(&keeper->ballast->was_lent);
            continue;
        }
        pause_for_a_period(keeper);
        if (!atomic_load(&keeper->stop))
            ballast_settle(keeper->ballast); /* refused: later */
    }
    return NULL;
}

int keeper_start(struct keeper *keeper, struct ballast *ballast, struct error *error)
{
    keeper->ballast = ballast;
    atomic_store(&keeper->stop, false);
    const int cause = pthread_create(&keeper->thread, NULL, keep, keeper);
    if (cause == 0)
        return 0;
    keeper->ballast = NULL;
    return error_set(error, "cannot start the thread that keeps the ballast: %s", strerror(cause));
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper->ballast == NULL)
        return;
    atomic_store(&keeper->stop, true);
    sem_post(&keeper->ballast->was_lent);
    pthread_join(keeper->thread, NULL);
    keeper->ballast = NULL;
}
