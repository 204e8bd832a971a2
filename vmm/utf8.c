/* SPDX-License-Identifier: MIT
 * Well-formed UTF-8 as in table 3-7 of the Unicode standard. */
#include "vmm/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Of well-formed UTF-8 of so many bytes. */
static uint32_t code_point(const unsigned char *text, size_t bytes)
{
    static const unsigned char payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = text[0] & payload[bytes];

    for (size_t i = 1; i < bytes; i++)
        code = code << 6 | (text[i] & 0x3f);
    return code;
}

static bool is_plain(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        return false;                     /* controls: C0, DEL, C1 */
    if (code == 0x061c || code == 0xfeff) /* a mark of order; a mark of nothing */
        return false;
    if (code >= 0x200b && code <= 0x200f) /* no width, or a mark of order */
        return false;
    if (code >= 0x2028 && code <= 0x202e) /* ends of lines, marks of order */
        return false;
    return code < 0x2066 || code > 0x2069;
}

void utf8_make_plain(char *text)
{
    const unsigned char *from = (const unsigned char *)text;
    char *to = text;

    while (*from != 0) {
        const size_t bytes = character(from);
        if (bytes == 0 || !is_plain(code_point(from, bytes))) {
            *to++ = '?';
            from += bytes > 0 ? bytes : 1;
            continue;
        }
        for (size_t i = 0; i < bytes; i++)
            *to++ = (char)*from++;
    }
    *to = '\0';
}
