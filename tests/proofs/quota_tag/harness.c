/* SPDX-License-Identifier: MIT */
/* holds: every text of up to 12 characters */
/* options: --unwind 24 */
#include "tests/proofs/text.h"
#include "vmm/options/quota.c"

#define ROOM 13u

/* CBMC has none. */
size_t strspn(const char *text, const char *accepted)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(accepted, text[length]) != NULL)
        length++;
    return length;
}

/* Of the words of a quota, only its tag is looked at. */
int amount_parse(const char *text, const struct amount_word *words, size_t count, const char *whose,
                 struct error *error)
{
    (void)text, (void)words, (void)count, (void)whose, (void)error;
    return -1;
}

int amount_take_word(const char **text, char word[AMOUNT_WORD_MAX], struct error *error)
{
    (void)text, (void)word, (void)error;
    return -1;
}

/* A tag is 1 to 4 printable characters, the first lowest, filled up with blanks, or 0x and a number
 * from 1 on that fits 32 bits; every other text is refused, and a tag is never 0. */
void harness(void)
{
    char text[ROOM];
    const uint32_t before = nondet_u32();
    uint32_t tag = before;
    struct error error;
    size_t length = 0, digits = 0;
    unsigned __int128 number = 0;
    bool is_printable = true;

    text_any(text, ROOM);
    for (; text[length] != '\0'; length++)
        is_printable = is_printable && text[length] >= ' ' && text[length] <= '~';
    const bool is_number = length >= 2 && text[0] == '0' && text[1] == 'x';
    for (; is_number && text_digit(text[2 + digits], 16) >= 0; digits++)
        number = number * 16 + (unsigned)text_digit(text[2 + digits], 16);

    const int result = quota_parse_tag(text, &tag, &error);
    const bool is_good =
        is_number ? digits > 0 && digits == length - 2 && number > 0 && number <= UINT32_MAX
                  : length >= 1 && length <= 4 && is_printable;
    CLAIM(result == 0 || result == -1);
    CLAIM((result == 0) == is_good);
    CLAIM(result == 0 || tag == before);
    if (result != 0)
        return;
    CLAIM(tag != 0);
    CLAIM(!is_number || tag == number);
    for (size_t i = 0; i < 4; i++)
        CLAIM(is_number || (uint8_t)(tag >> (8 * i)) == (uint8_t)(i < length ? text[i] : ' '));
    REACHED();
}
