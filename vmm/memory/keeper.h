/* SPDX-License-Identifier: MIT
 * The keeper: a thread that takes the ballast again, once it has been lent and the host has memory
 * to spare, so that the next shortage finds it there. Sleeps as long as nothing is lent. */
#ifndef HOLDFAST_MEMORY_KEEPER_H
#define HOLDFAST_MEMORY_KEEPER_H

#include "vmm/error.h"
#include "vmm/memory/ballast.h"

#include <pthread.h>
#include <stdbool.h>

struct keeper {
    struct ballast *ballast; /* NULL: not started */
    pthread_t thread;
    _Atomic bool stop;
};

/* 0, or -1 with the error set: no thread to be had. */
int keeper_start(struct keeper *keeper, struct ballast *ballast, struct error *error);

/* Does nothing where none was started. */
void keeper_stop(struct keeper *keeper);

#endif
