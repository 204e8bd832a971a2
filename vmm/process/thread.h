/* SPDX-License-Identifier: MIT
 * Starting threads. */
#ifndef HOLDFAST_PROCESS_THREAD_H
#define HOLDFAST_PROCESS_THREAD_H

#include <pthread.h>

/* pthread_create() with a stack of a known size: else it follows the limit on stacks (ulimit -s),
 * which may be too low for the VMM or far too high for many vCPUs. 0, or the errno value: no thread
 * to be had. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* Makes pages of the calling thread's stack, for what it does at the end: to make one then might
 * have to wait, or, where memory is locked beyond a limit, be refused. */
void thread_touch_stack(void);

#endif
