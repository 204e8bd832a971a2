/* SPDX-License-Identifier: MIT */
#include "ballast_thread.h"

#include "vmm/cause.h"
#include "vmm/memory/stack.h"
#include "vmm/process/thread.h"
#include "vmm/sandbox/sandbox.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Seldom enough that a MAP which needs the memory is not in a race with this thread for it. */
#define PERIOD_MS 100

/* What is too much may be wanted by the next RESERVE, and to take it again takes time. */
#define PERIODS_OF_TOO_MUCH 10

/* Or until the thread is to end. */
static void pause_for_a_period(struct ballast_thread *thread)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PERIOD_MS * 1000000l;
    if (until.tv_nsec >= 1000000000l) {
        until.tv_nsec -= 1000000000l;
        until.tv_sec++;
    }
    /* By no clock that can be set: one that is set back would make the wait longer by as much. */
    while (!atomic_load(&thread->stop) &&
           sem_clockwait(&thread->ballast->work, CLOCK_MONOTONIC, &until) == 0)
        ;
}

static void *keep_ballast(void *argument)
{
    struct ballast_thread *thread = argument;
    int too_much = 0; /* periods, one after the other */

    stack_set_aside();
    sandbox_enter(SANDBOX_BALLAST);
    while (!atomic_load(&thread->stop)) {
        const bool is_short = ballast_is_short(thread->ballast);
        too_much = ballast_is_too_much(thread->ballast) ? too_much + 1 : 0;
        if (!is_short && too_much == 0) {
            sem_wait(&thread->ballast->work);
            continue;
        }
        pause_for_a_period(thread);
        if (!atomic_load(&thread->stop) && (is_short || too_much >= PERIODS_OF_TOO_MUCH))
            ballast_resize(thread->ballast); /* refused: later */
    }
    return NULL;
}

int ballast_thread_start(struct ballast_thread *thread, struct ballast *ballast,
                         struct error *error)
{
    thread->ballast = ballast;
    atomic_store(&thread->stop, false);
    const int cause = thread_start(&thread->id, keep_ballast, thread);
    if (cause == 0) {
        sandbox_expect();
        return 0;
    }
    thread->ballast = NULL;
    return error_set(error, "cannot start the thread that keeps the ballast: %s",
                     cause_of_thread(cause));
}

void ballast_thread_stop(struct ballast_thread *thread)
{
    if (thread->ballast == NULL)
        return;
    atomic_store(&thread->stop, true);
    sem_post(&thread->ballast->work);
    pthread_join(thread->id, NULL);
    thread->ballast = NULL;
}
