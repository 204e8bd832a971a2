/* SPDX-License-Identifier: MIT
 * Sizes as people write them. */
#include "size.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shift that a suffix stands for, or -1. */
static int suffix_shift(const char *suffix)
{
    static const char letters[] = "KMGT";
    if (suffix[0] == '\0')
        return 0;
    if (suffix[1] != '\0')
        return -1;
    const char *letter = strchr(letters, suffix[0] & ~0x20);
    if (letter == NULL || *letter == '\0')
        return -1;
    return 10 * (int)(letter - letters + 1);
}

int size_parse(const char *text, uint64_t *bytes, struct error *error)
{
    char *suffix;
    /* strtoull() would take a sign and leading blanks. */
    bool digit = text[0] >= '0' && text[0] <= '9';
    /* Of one that does not fit it makes the largest. */
    unsigned long long number = strtoull(text, &suffix, 10);
    int shift = digit ? suffix_shift(suffix) : -1;
    if (shift < 0)
        return error_set(error, "bad size '%.64s': a number of bytes, or one with K, M, G or T",
                         text);
    if (number > (unsigned long long)INT64_MAX >> shift)
        return error_set(error, "the size %.64s is too large", text);
    *bytes = (uint64_t)number << shift;
    return 0;
}

void size_text(uint64_t bytes, char text[SIZE_TEXT])
{
    static const char letters[] = "KMGT";
    unsigned thousands = 0;

    while (thousands < sizeof letters - 1 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        thousands++;
    }
    if (thousands == 0)
        snprintf(text, SIZE_TEXT, "%" PRIu64 " bytes", bytes);
    else
        snprintf(text, SIZE_TEXT, "%" PRIu64 "%c", bytes, letters[thousands - 1]);
}
