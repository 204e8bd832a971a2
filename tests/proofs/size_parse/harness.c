/* SPDX-License-Identifier: MIT */
/* holds: every text of up to 23 characters */
/* options: --unwind 25 */
#include "tests/proofs/text.h"
#include "vmm/options/size.c"

#define ROOM 24u

static int shift_of(char suffix)
{
    switch (suffix) {
    case '\0':
        return 0;
    case 'K':
    case 'k':
        return 10;
    case 'M':
    case 'm':
        return 20;
    case 'G':
    case 'g':
        return 30;
    case 'T':
    case 't':
        return 40;
    default:
        return -1;
    }
}

/* A size is digits and at most one suffix, and what comes out is that number of bytes exactly,
 * never more than INT64_MAX; every other text is refused, and *bytes is as it was. */
void harness(void)
{
    char text[ROOM];
    const uint64_t before = nondet_u64();
    uint64_t bytes = before;
    struct error error;

    text_any(text, ROOM);
    const int result = size_parse(text, &bytes, &error);
    const size_t digits = text_digits;
    const char suffix = text[digits];
    const int shift = suffix == '\0' || text[digits + 1] == '\0' ? shift_of(suffix) : -1;
    const bool is_size = digits > 0 && shift >= 0;
    CLAIM(result == 0 || result == -1);
    CLAIM((result == 0) == (is_size && text_number <= (uint64_t)INT64_MAX >> shift));
    CLAIM(result == 0 || bytes == before);
    CLAIM(result != 0 || bytes == (uint64_t)text_number << shift);
    CLAIM(result != 0 || bytes <= INT64_MAX);
    REACHED();
}
