/* SPDX-License-Identifier: MIT
 * Buckets are counted without a lock: two vCPUs that end a call at once wait for nothing. */
#include "room.h"

#define US 1000ull
#define MS (1000 * US)
#define S  (1000 * MS)

const uint64_t latency_bounds[LATENCY_BOUNDS] = {
    1 * US,   2 * US,   5 * US, 10 * US, 20 * US, 50 * US, 100 * US, 200 * US,
    500 * US, 1 * MS,   2 * MS, 5 * MS,  10 * MS, 20 * MS, 50 * MS,  100 * MS,
    200 * MS, 500 * MS, 1 * S,  2 * S,   5 * S,   10 * S,
};

const char *latency_name(enum latency_call call)
{
    static const char *const names[] = {
        [LATENCY_MAP] = "MAP", [LATENCY_UNMAP] = "UNMAP", [LATENCY_REMAP] = "REMAP"};

    return names[call];
}

void latency_note(struct latency_counts *counts, uint64_t nanoseconds)
{
    uint32_t bucket = 0;

    while (bucket < LATENCY_BOUNDS && nanoseconds > latency_bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&counts->count[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->sum_ns, nanoseconds, memory_order_relaxed);
}

void latency_read(struct latency_counts *counts, struct latency *latency)
{
    for (uint32_t i = 0; i <= LATENCY_BOUNDS; i++)
        latency->count[i] = atomic_load_explicit(&counts->count[i], memory_order_relaxed);
    latency->sum_ns = atomic_load_explicit(&counts->sum_ns, memory_order_relaxed);
}
