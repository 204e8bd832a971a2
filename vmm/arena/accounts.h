/* SPDX-License-Identifier: MIT
 * What the arena has set aside for its windows, and what of that is in use: the guarantee, for
 * operators. */
#ifndef HOLDFAST_ARENA_ACCOUNTS_H
#define HOLDFAST_ARENA_ACCOUNTS_H

#include "vmm/memory/guarantee.h"

#include <stdint.h>

struct arena;

/* One budget: what the windows hold, what they use of that, and the most they can hold. */
struct arena_account {
    uint64_t held;
    uint64_t in_use;
    uint64_t limit;
};

#define ARENA_VMAS_A_EXTENT 2u /* an isolated extent splits the guard in two */

/* Of the VMAs that the kernel allows a process (vm.max_map_count), those not for extents; all as
 * it was at the start. */
struct arena_vmas {
    uint64_t most;
    uint64_t elsewhere; /* taken by the rest of the VMM, its vCPUs included */
    uint64_t margin;    /* left for objects and what the C library maps */
};

struct arena_accounts {
    enum guarantee mode;
    uint32_t met;                /* HF_GUARANTEE_...: what the guarantee rests on and is there */
    struct arena_account arena;  /* pages; in use: mapped */
    struct arena_account vmas;   /* in use: at most; extents that are neighbours share some */
    struct arena_account tables; /* of the last level of the second level, one for each piece of
                                    2 MiB; in use: made ahead */
    struct arena_account ram_tables;    /* of RAM, one for each 2 MiB; in use: made ahead */
    struct arena_account object_memory; /* bytes of objects that lie in memory; in use: made */
    struct arena_account ballast;       /* bytes; in use: lent to the kernel */
    struct arena_account windows;
    struct arena_account extents; /* in use: mapped */
    struct arena_vmas vmas_process;
    uint64_t ballast_taken; /* bytes that are in memory, or were before they were lent */
    uint64_t times_lent;
    uint32_t extent_cost;     /* bytes of ballast for each extent */
    uint32_t extent_measured; /* bytes that the kernel was seen to charge; 0: not measured */
};

/* Any thread; cannot fail. */
void arena_accounts(struct arena *arena, struct arena_accounts *accounts);

#endif
