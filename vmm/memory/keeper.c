/* SPDX-License-Identifier: MIT */
#include "keeper.h"

#include "vmm/cause.h"
#include "vmm/memory/stack.h"
#include "vmm/process/thread.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Seldom enough that a MAP which needs the memory is not in a race with the keeper for it. */
#define PERIOD_MS 100

/* What is too much may be wanted by the next RESERVE, and to take it again takes time. */
#define PERIODS_OF_TOO_MUCH 10

/* Until then, or until the keeper is to end. */
static void pause_for_a_period(struct keeper *keeper)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PERIOD_MS * 1000000l;
    if (until.tv_nsec >= 1000000000l) {
        until.tv_nsec -= 1000000000l;
        until.tv_sec++;
    }
    /* By no clock that can be set: one that is set back would make the wait longer by as much. */
    while (!atomic_load(&keeper->stop) &&
           sem_clockwait(&keeper->ballast->work, CLOCK_MONOTONIC, &until) == 0)
        ;
}

static void *keep(void *argument)
{
    struct keeper *keeper = argument;
    int too_much = 0; /* periods, one after the other */

    stack_set_aside();
    while (!atomic_load(&keeper->stop)) {
        const bool is_short = ballast_is_short(keeper->ballast);
        too_much = ballast_is_too_much(keeper->ballast) ? too_much + 1 : 0;
        if (!is_short && too_much == 0) {
            sem_wait(&keeper->ballast->work);
            continue;
        }
        pause_for_a_period(keeper);
        if (!atomic_load(&keeper->stop) && (is_short || too_much >= PERIODS_OF_TOO_MUCH))
            ballast_settle(keeper->ballast); /* refused: later */
    }
    return NULL;
}

int keeper_start(struct keeper *keeper, struct ballast *ballast, struct error *error)
{
    keeper->ballast = ballast;
    atomic_store(&keeper->stop, false);
    const int cause = thread_start(&keeper->thread, keep, keeper);
    if (cause == 0)
        return 0;
    keeper->ballast = NULL;
    return error_set(error, "cannot start the thread that keeps the ballast: %s",
                     cause_of_thread(cause));
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper->ballast == NULL)
        return;
    atomic_store(&keeper->stop, true);
    sem_post(&keeper->ballast->work);
    pthread_join(keeper->thread, NULL);
    keeper->ballast = NULL;
}
