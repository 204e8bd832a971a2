/* SPDX-License-Identifier: MIT
 * Numbers by chance, that a seed repeats; or, for a fuzzer, numbers that are made of its input. */
#ifndef HOLDFAST_TESTS_CHANCE_H
#define HOLDFAST_TESTS_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static uint64_t chance_state;       /* the seed, at first */
static const uint8_t *chance_input; /* NULL: numbers are made of the seed */
static size_t chance_left;          /* bytes of the input; behind its end are zeros */

static inline void chance_take_seed(uint64_t seed)
{
    chance_state = seed;
    chance_input = NULL;
}

static inline void chance_take_input(const uint8_t *bytes, size_t size)
{
    static const uint8_t none;

    chance_input = bytes != NULL ? bytes : &none;
    chance_left = size;
}

/* As few bytes as the number needs: what a fuzzer changes then changes little else. */
static inline uint64_t chance_number(unsigned bytes)
{
    uint64_t value = 0;

    for (; bytes > 0 && chance_left > 0; bytes--, chance_left--)
        value = value << 8 | *chance_input++;
    return value;
}

static inline uint64_t random_64(void)
{
    if (chance_input != NULL)
        return chance_number(8);
    uint64_t z = chance_state += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t below(uint64_t limit)
{
    if (chance_input != NULL)
        return chance_number(limit <= UINT8_MAX + 1 ? 1 : limit <= UINT16_MAX + 1 ? 2 : 8) % limit;
    return random_64() % limit;
}

static inline bool one_in(uint64_t times)
{
    return below(times) == 0;
}

#endif
