/* SPDX-License-Identifier: MIT
 * How long MAP, UNMAP and REMAP take: histograms, for operators. */
#ifndef HOLDFAST_ARENA_LATENCY_H
#define HOLDFAST_ARENA_LATENCY_H

#include <stdint.h>

enum latency_call { LATENCY_MAP, LATENCY_UNMAP, LATENCY_REMAP, LATENCY_CALLS };

#define LATENCY_BOUNDS 22u /* 1, 2 and 5 of each power of ten from 1 us on, and 10 s */

/* The upper bounds of the buckets, nanoseconds, rising; what took longer than the last is in one
 * more bucket. */
extern const uint64_t latency_bounds[LATENCY_BOUNDS];

/* "MAP", "UNMAP", "REMAP" */
const char *latency_name(enum latency_call call);

/* The calls of one kind that went through, by the time they took: from the VMM's first look at the
 * call to its end, with all that it waited for. Since the VMM started: a reset of the machine
 * leaves them. */
struct latency {
    uint64_t count[LATENCY_BOUNDS + 1]; /* of each bucket alone */
    uint64_t sum_ns;
};

#endif
