/* SPDX-License-Identifier: MIT
 * Numbers in a guest's command line. */
#ifndef GUARANTEE_GUESTS_NUMBER_AT_H
#define GUARANTEE_GUESTS_NUMBER_AT_H

#include <stdint.h>

/* The next one; 0 if there is none. text then stands behind it. */
static inline uint64_t number_at(const char **text)
{
    uint64_t value = 0;

    while (**text == ' ')
        (*text)++;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        value = value * 10 + (uint64_t)(**text - '0');
    return value;
}

#endif
