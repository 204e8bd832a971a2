/* SPDX-License-Identifier: MIT
 * A thread that takes the ballast again, once it has been lent and the host has memory
 * to spare, so that the next shortage finds it there. Sleeps as long as nothing is lent. */
#ifndef HOLDFAST_MEMORY_BALLAST_THREAD_H
#define HOLDFAST_MEMORY_BALLAST_THREAD_H

#include "vmm/error.h"
#include "vmm/memory/ballast.h"

#include <pthread.h>
#include <stdbool.h>

struct ballast_thread {
    struct ballast *ballast; /* NULL: not started */
    pthread_t id;
    _Atomic bool stop;
};

/* 0, or -1 with the error set: no thread to be had. */
int ballast_thread_start(struct ballast_thread *thread, struct ballast *ballast,
                         struct error *error);

/* Does nothing where none was started. */
void ballast_thread_stop(struct ballast_thread *thread);

#endif
