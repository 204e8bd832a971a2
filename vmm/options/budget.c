/* SPDX-License-Identifier: MIT */
#include "budget.h"

#include "vmm/options/amount.h"

#include <stddef.h>

int budget_parse(const char *text, struct budget *budget, struct error *error)
{
    const struct amount_word words[] = {
        {"windows", &budget->windows}, {"extents", &budget->extents}, {"tables", &budget->tables}};
    char word[AMOUNT_WORD_MAX];

    *budget = (struct budget){0};
    while (text != NULL)
        if (amount_take_word(&text, word, error) < 0 ||
            amount_parse(word, words, sizeof words / sizeof words[0], "a budget", error) < 0)
            return -1;
    return 0;
}
