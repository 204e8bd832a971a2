/* SPDX-License-Identifier: MIT */
/* holds: every word of up to 12 characters, after any other words */
/* options: --unwind 24 */
#include "tests/proofs/text.h"
#include "vmm/options/amount.c"
#include "vmm/options/quota.c"

#define ROOM 13u

/* Of the messages, which are not looked at. */
int snprintf(char *text, size_t room, const char *format, ...)
{
    (void)text, (void)room, (void)format;
    return 0;
}

/* CBMC has neither. */
size_t strspn(const char *text, const char *accepted)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(accepted, text[length]) != NULL)
        length++;
    return length;
}

size_t strcspn(const char *text, const char *refused)
{
    (void)text, (void)refused;
    return nondet_size();
}

/* How many characters of a word are its key and the sign behind it; 0: it has another key. */
static size_t begins(const char *word, const char *key)
{
    size_t i = 0;

    while (key[i] != '\0' && word[i] == key[i])
        i++;
    return key[i] == '\0' ? i : 0;
}

/* The number that stands from a place on to the end; 0: none that may be given. */
static uint64_t number_at(const char *text)
{
    uint64_t number = 0;
    size_t i = 0;

    for (; text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    return text[i] == '\0' ? number : 0;
}

/* A word of a quota is the tag, or a limit of the manual's with a number from 1 on, is given for
 * the first time, and goes into its own place; or it is refused. Every other place stays as it was.
 */
void harness(void)
{
    char word[ROOM];
    const uint32_t tag_before = nondet_u32();
    const struct tag_amounts before = {nondet_u64(), nondet_u64(), nondet_u64()};
    uint32_t tag = tag_before, tag_is = 0;
    struct tag_amounts quota = before;
    struct error error;

    text_any(word, ROOM);
    const size_t at_tag = begins(word, "tag="), at_windows = begins(word, "windows=");
    const size_t at_pages = begins(word, "pages="), at_extents = begins(word, "extents=");
    const uint64_t number = number_at(word + at_windows + at_pages + at_extents);
    const bool is_good = at_tag > 0
                             ? tag_before == 0 && quota_parse_tag(word + 4, &tag_is, &error) == 0
                         : at_windows > 0 ? before.windows == 0 && number > 0
                         : at_pages > 0   ? before.pages == 0 && number > 0
                         : at_extents > 0 ? before.extents == 0 && number > 0
                                          : false;
    const int result = set_word(word, &tag, &quota, &error);
    CLAIM(result == 0 || result == -1);
    CLAIM((result == 0) == is_good);
    CLAIM(tag == (is_good && at_tag > 0 ? tag_is : tag_before));
    CLAIM(quota.windows == (is_good && at_windows > 0 ? number : before.windows));
    CLAIM(quota.pages == (is_good && at_pages > 0 ? number : before.pages));
    CLAIM(quota.extents == (is_good && at_extents > 0 ? number : before.extents));
    REACHED();
}
