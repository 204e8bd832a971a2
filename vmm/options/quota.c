/* SPDX-License-Identifier: MIT */
#include "quota.h"

#include "vmm/options/amount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int parse_number_tag(const char *text, uint32_t *tag, struct error *error)
{
    const char *digits = text + 2;
    char *end;

    errno = 0;
    const unsigned long long number = strtoull(digits, &end, 16);
    if (strspn(digits, "0123456789abcdefABCDEF") != strlen(digits) || *digits == '\0' ||
        errno != 0 || number > UINT32_MAX || number == 0)
        return error_set(error, "bad tag '%.32s': a number must be 0x1 to 0xffffffff", text);
    *tag = (uint32_t)number;
    return 0;
}

int quota_parse_tag(const char *text, uint32_t *tag, struct error *error)
{
    const size_t length = strlen(text);
    uint32_t value = 0;

    if (strncmp(text, "0x", 2) == 0)
        return parse_number_tag(text, tag, error);
    for (unsigned i = 0; i < 4; i++) {
        const unsigned char byte = i < length ? (unsigned char)text[i] : ' ';
        if (length == 0 || length > 4 || byte < 0x20 || byte >= 0x7f)
            return error_set(
                error, "bad tag '%.32s': 1 to 4 printable characters, or a number after 0x", text);
        value |= (uint32_t)byte << (8 * i);
    }
    *tag = value;
    return 0;
}

int quota_parse_word(const char *word, struct tag_amounts *quota, struct error *error)
{
    const struct amount_word words[] = {
        {"windows", &quota->windows}, {"pages", &quota->pages}, {"extents", &quota->extents}};

    return amount_parse(word, words, sizeof words / sizeof words[0], "a quota", error);
}

/* "tag=T", or a limit; *tag is 0 until it was given. */
static int set_word(const char *word, uint32_t *tag, struct tag_amounts *quota, struct error *error)
{
    if (strncmp(word, "tag=", 4) != 0)
        return quota_parse_word(word, quota, error);
    if (*tag != 0)
        return error_set(error, "tag is given twice");
    return quota_parse_tag(word + 4, tag, error);
}

int quota_parse(const char *text, uint32_t *tag, struct tag_amounts *quota, struct error *error)
{
    char word[AMOUNT_WORD_MAX];

    *tag = 0;
    *quota = (struct tag_amounts){0};
    while (text != NULL)
        if (amount_take_word(&text, word, error) < 0 || set_word(word, tag, quota, error) < 0)
            return -1;
    if (*tag == 0)
        return error_set(error, "a quota needs tag=, the tag that it is for");
    if (quota->windows == 0 && quota->pages == 0 && quota->extents == 0)
        return error_set(error, "a quota needs windows=N, pages=N or extents=N");
    return 0;
}
