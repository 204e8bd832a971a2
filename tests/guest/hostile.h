/* SPDX-License-Identifier: MIT
 * Random numbers, and what the VMM may answer to random calls. */
#ifndef HOLDFAST_TESTS_HOSTILE_H
#define HOLDFAST_TESTS_HOSTILE_H

#include "raw_calls.h"

static uint64_t hostile_states[RAW_CPUS];

/* The seed is the number on the command line, if there is one; each CPU has its own sequence. */
static inline void hostile_seed(void)
{
    uint64_t seed = 0;

    for (const char *at = nano_command_line(); *at >= '0' && *at <= '9'; at++)
        seed = seed * 10 + (uint64_t)(*at - '0');
    for (unsigned cpu = 0; cpu < RAW_CPUS; cpu++)
        hostile_states[cpu] = (seed * RAW_CPUS + cpu + 1) * 0x9e3779b97f4a7c15;
}

static inline uint64_t hostile_random(void)
{
    uint64_t *state = &hostile_states[nano_cpu()];

    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline uint64_t hostile_below(uint64_t end)
{
    return (hostile_random() >> 11) % end;
}

/* A status of the ABI; HF_HOST_FAILURE and HF_IO_ERROR are none that a guest can bring about. */
static inline bool hostile_known(uint64_t status)
{
    return status != HF_HOST_FAILURE && status != HF_IO_ERROR && status <= HF_NOT_SUPPORTED &&
           hf_status_name((int)status)[0] != '?';
}

/* A number that is often small, often at an edge, sometimes anything. */
static inline uint64_t hostile_number(void)
{
    static const uint64_t edges[] = {
        0,          1,          0x3fff,     0x4000,     1ull << 20, 1ull << 31,        UINT32_MAX,
        1ull << 32, 1ull << 40, 1ull << 51, 1ull << 52, 1ull << 63, UINT64_MAX - 4095, UINT64_MAX};

    switch (hostile_below(8)) {
    case 0:
        return hostile_random();
    case 1:
        return edges[hostile_below(sizeof edges / sizeof edges[0])] + hostile_below(3) - 1;
    case 2:
        return hostile_below(0x4001);
    default:
        return hostile_below(12);
    }
}

#endif
