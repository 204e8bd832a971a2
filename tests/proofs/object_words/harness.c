/* SPDX-License-Identifier: MIT */
/* holds: every text of up to 11 characters */
/* options: --unsigned-overflow-check --unwind 14 */
#include "tests/proofs/text.h"
#include "vmm/memory/object_spec.c"

#define ROOM 12u

int size_parse(const char *text, uint64_t *bytes, struct error *error)
{
    (void)text, (void)error;
    *bytes = nondet_u64();
    return nondet_bool() ? 0 : -1;
}

/* A word of an object's text is what stands before the next single comma, with each pair of commas
 * as one; nothing of the text is left out and nothing behind its end is read. */
void harness(void)
{
    static char item[ITEM_MAX];
    char text[ROOM];
    const char *next = text;
    size_t length = 0, from = 0;
    bool fits = nondet_bool();

    text_any(text, ROOM);
    while (text[length] != '\0')
        length++;
    const bool more = take_item(&next, item, &fits);
    const size_t taken = (size_t)(next - text);
    CLAIM(fits);
    CLAIM(taken <= length);
    CLAIM(more ? taken > 0 && text[taken - 1] == ',' && text[taken] != ',' : taken == length);
    for (size_t i = 0; item[i] != '\0'; i++) {
        CLAIM(item[i] == text[from]);
        if (text[from] == ',' && text[from + 1] == ',')
            from++;
        else
            CLAIM(text[from] != ',');
        from++;
    }
    CLAIM(from + (more ? 1 : 0) == taken);
    REACHED();
}
