/* SPDX-License-Identifier: MIT
 * What another thread of this process is doing, as the host's kernel tells it in /proc. */
#ifndef HOLDFAST_PROCESS_THREAD_STATE_H
#define HOLDFAST_PROCESS_THREAD_STATE_H

#include <stdbool.h>

enum thread_state {
    THREAD_UNKNOWN,       /* /proc does not tell, or there is no memory to read it */
    THREAD_WAITS_FOR_OUR, /* for another thread of the process: a lock, a condition */
    THREAD_RESTS,         /* for something to happen: it polls or sleeps */
    THREAD_IN_KERNEL,     /* the host's kernel works for it, or keeps it waiting */
    THREAD_LOOPS,         /* it has run in the program itself for a while, and hardly made a call */
    THREAD_STOPPED,       /* a signal or a debugger has stopped it */
};

/* Looks at one, twice within a fifth of a second if it runs. Opens files of /proc/self/task,
 * allocates nothing; cannot fail. */
enum thread_state thread_state_look(int thread_id);

/* Calls back for each thread there is, until one returns false. Cannot fail: where /proc cannot be
 * read, there is none. */
void thread_state_visit(bool (*visit)(void *argument, int thread_id), void *argument);

#endif
