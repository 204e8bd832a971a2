/* SPDX-License-Identifier: MIT
 * Sizes as people write them. */
#ifndef HOLDFAST_OPTIONS_SIZE_H
#define HOLDFAST_OPTIONS_SIZE_H

#include "vmm/error.h"

#include <stdint.h>

/* Reads a whole number of bytes with an optional suffix K, M, G or T (powers of 1024, either
 * case). 0, or -1 with the error set: not such a number, or more than INT64_MAX bytes. */
int size_parse(const char *text, uint64_t *bytes, struct error *error);

/* The same the other way round, with the largest suffix that leaves a whole number. Cannot fail. */
#define SIZE_TEXT 24u
void size_text(uint64_t bytes, char text[SIZE_TEXT]);

#endif
