/* SPDX-License-Identifier: MIT
 * Drills, for operators: primitives of the map path that are made to fail. */
#ifndef HOLDFAST_ARENA_DRILL_H
#define HOLDFAST_ARENA_DRILL_H

#include "vmm/memory/primitive.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* A drill: the next failures calls of each primitive named (bits 1 << PRIMITIVE_...) fail as if
 * the host had no memory. Only those of the map path: others are left out, and PREFAULT where the
 * host cannot do it. It ends when all have failed and the calls that they hit have ended, by
 * arena_drill_end(), or by a reset. Harmless: what fails is tried again until it is through; the
 * ballast stays, and no RESERVE is refused. */
#define ARENA_DRILL_MOST 100u
#define ARENA_DRILL_PRIMITIVES                                                                     \
    (1u << PRIMITIVE_MAP | 1u << PRIMITIVE_GUARD | 1u << PRIMITIVE_PREFAULT |                      \
     1u << PRIMITIVE_RUN | 1u << PRIMITIVE_REACH)
enum arena_drill { ARENA_DRILL_BEGUN, ARENA_DRILL_BUSY, ARENA_DRILL_NOTHING };
enum arena_drill arena_drill_begin(struct arena *arena, uint32_t primitives, uint32_t failures);
void arena_drill_end(struct arena *arena);

struct arena_drill_report {
    bool running;
    uint32_t asked[PRIMITIVES]; /* to fail */
    uint32_t done[PRIMITIVES];  /* of these, have failed */
    uint64_t calls;             /* MAPs, UNMAPs and REMAPs that went through */
    uint64_t failed;            /* those that the host failed for good */
    uint64_t refusals;          /* failures of primitives, real ones included */
    uint64_t rescued;           /* calls that went through after such a failure */
    uint64_t longest_ns;        /* that a call took */
};

/* Of the drill that is on or was the last. */
void arena_drill_report(struct arena *arena, struct arena_drill_report *report);

#endif
