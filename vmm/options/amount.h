/* SPDX-License-Identifier: MIT
 * Amounts as operators write them, "windows=8,pages=4096": what quotas and budgets are read with.
 * Knows no VMM. */
#ifndef HOLDFAST_OPTIONS_AMOUNT_H
#define HOLDFAST_OPTIONS_AMOUNT_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word that may be given, and where its number goes, which must be 0 before. */
struct amount_word {
    const char *key;
    uint64_t *amount;
};

/* Reads "KEY=N", N from 1 on, by one of words[count]; whose is for the error: "a quota". 0, or -1
 * with the error set. */
int amount_parse(const char *text, const struct amount_word *words, size_t count, const char *whose,
                 struct error *error);

#define AMOUNT_WORD_MAX 64u /* bytes */

/* Copies what comes before the next comma and moves *text behind that; NULL: it was the last. 0,
 * or -1 with the error set: the word is too long. */
int amount_take_word(const char **text, char word[AMOUNT_WORD_MAX], struct error *error);

#endif
