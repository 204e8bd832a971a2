/* SPDX-License-Identifier: MIT
 * Whether a vCPU has stood still: the guest then sees a jump of its clocks, which its watchdogs
 * would take for a lockup if it were not told. Pure: the caller reads the clock. */
#ifndef HOLDFAST_MACHINE_STANDSTILL_H
#define HOLDFAST_MACHINE_STANDSTILL_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds without an instruction of the guest that are told to it. */
#define STANDSTILL_MS 1000

struct standstill {
    int64_t ran_at;  /* when the guest is known to have run last; milliseconds of any clock */
    int64_t entered; /* when KVM_RUN was called last */
    bool interrupted;
};

/* How KVM_RUN has returned. */
enum standstill_exit {
    STANDSTILL_RAN,         /* the guest wants something */
    STANDSTILL_REFUSED,     /* an instruction could not be executed, perhaps again */
    STANDSTILL_INTERRUPTED, /* by a signal, which may have stopped the whole process meanwhile */
};

void standstill_left(struct standstill *standstill, enum standstill_exit how, int64_t now);

/* Called before each KVM_RUN. Whether the guest is to be told. */
bool standstill_ends(struct standstill *standstill, int64_t now);

#endif
