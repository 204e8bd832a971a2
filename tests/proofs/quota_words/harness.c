/* SPDX-License-Identifier: MIT */
/* holds: every text of up to 66 characters */
/* options: --unsigned-overflow-check --unwind 68 */
#include "tests/proofs/text.h"
#include "vmm/options/amount.c"

#define ROOM 67u /* two more than a word */

/* CBMC has none. */
size_t strcspn(const char *text, const char *refused)
{
    size_t length = 0;

    CLAIM(refused[0] == ',' && refused[1] == '\0');
    while (text[length] != '\0' && text[length] != ',')
        length++;
    return length;
}

/* A word of a quota or a budget is what stands before the next comma, whole, or it is refused and
 * nothing is taken; the text goes on behind the comma, and ends where there is none. */
void harness(void)
{
    char text[ROOM], word[AMOUNT_WORD_MAX];
    const char *next = text;
    struct error error;
    size_t length = 0;

    text_any(text, ROOM);
    while (text[length] != '\0' && text[length] != ',')
        length++;
    const int result = amount_take_word(&next, word, &error);
    CLAIM((result == 0) == (length < AMOUNT_WORD_MAX));
    if (result != 0) {
        CLAIM(next == text);
        return;
    }
    const size_t i = nondet_size();
    ASSUME(i <= length);
    CLAIM(word[i] == (i < length ? text[i] : '\0'));
    CLAIM(text[length] == ',' ? next == text + length + 1 : next == NULL);
    REACHED();
}
