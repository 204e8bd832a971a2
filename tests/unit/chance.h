/* SPDX-License-Identifier: MIT
 * Numbers by chance, that a seed repeats. */
#ifndef HOLDFAST_TESTS_CHANCE_H
#define HOLDFAST_TESTS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t chance_state; /* the seed, at first */

static inline uint64_t random_64(void)
{
    uint64_t z = chance_state += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t below(uint64_t limit)
{
    return random_64() % limit;
}

static inline bool one_in(uint64_t times)
{
    return below(times) == 0;
}

#endif
