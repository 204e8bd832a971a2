/* SPDX-License-Identifier: MIT
 * For proofs of what reads texts: any text, and stand-ins for the C library's strtoull() and for
 * error_set(), whose messages are not looked at. */
#ifndef HOLDFAST_PROOFS_TEXT_H
#define HOLDFAST_PROOFS_TEXT_H

#include "tests/proofs/proof.h"
#include "vmm/error.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* What strtoull() has read in the last call: the number, however large, and whether that was all.
 */
static unsigned __int128 text_number;
static size_t text_digits;

static inline int text_digit(char c, int base)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* Blanks, a sign and 0x, which strtoull() takes first, are not looked at: then it may do whatever
 * it likes. Texts are short enough for 128 bits. */
unsigned long long strtoull(const char *restrict text, char **restrict end, int base)
{
    size_t i = 0;

    text_number = 0;
    for (; text_digit(text[i], base) >= 0; i++)
        text_number = text_number * (unsigned)base + (unsigned)text_digit(text[i], base);
    text_digits = i;
    *end = (char *)text + i;
    if (i == 0 || (base == 16 && text[0] == '0' && (text[1] | 0x20) == 'x'))
        return nondet_u64();
    if (text_number <= ULLONG_MAX)
        return (unsigned long long)text_number;
    errno = ERANGE;
    return ULLONG_MAX;
}

int error_set(struct error *error, const char *format, ...)
{
    (void)error, (void)format;
    return -1;
}

/* Any text of less than room bytes. */
static inline void text_any(char *text, size_t room)
{
    for (size_t i = 0; i + 1 < room; i++)
        text[i] = (char)nondet_u8();
    text[room - 1] = '\0';
}

#endif
