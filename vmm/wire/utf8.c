/* SPDX-License-Identifier: MIT
 * Well-formed UTF-8 as in table 3-7 of the Unicode standard. */
#include "vmm/wire/utf8.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Whether second may follow first: this is what excludes overlong forms, surrogates and values
 * above U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return is_tail(second);
    }
}

/* Bytes of the character at text, or 0 if it is not well formed. The closing NUL is no tail, so
 * that nothing behind it is read. */
static size_t character(const unsigned char *text)
{
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (!second_fits(first, text[1]))
        return 0;
    if (first < 0xe0)
        return 2;
    if (!is_tail(text[2]))
        return 0;
    if (first < 0xf0)
        return 3;
    return is_tail(text[3]) ? 4 : 0;
}

void utf8_repair(char *text)
{
    unsigned char *at = (unsigned char *)text;
    while (*at != 0) {
        size_t bytes = character(at);
        if (bytes == 0) {
            *at = '?';
            bytes = 1;
        }
        at += bytes;
    }
}
