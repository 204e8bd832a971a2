/* SPDX-License-Identifier: MIT
 * All that can be counted in the arena, at one moment, for operators. */
#ifndef HOLDFAST_ARENA_LOOK_H
#define HOLDFAST_ARENA_LOOK_H

#include "vmm/arena/accounts.h"
#include "vmm/arena/latency.h"
#include "vmm/arena/operators.h"

#include <stdint.h>

struct arena_look {
    struct arena_counters counters;
    struct arena_accounts accounts;
    struct latency latency[LATENCY_CALLS];
    uint32_t tags;
};

/* Copies all of it, and the accounts of up to room tags in order of their numbers. The totals of
 * the window table, the accounts and the tags are of one moment, for which the arena's lock is held
 * once. Counters that are kept without it are read within that time. Any thread; cannot fail. */
void arena_look(struct arena *arena, struct arena_look *look, struct tag_state *tags,
                uint32_t room);

#endif
