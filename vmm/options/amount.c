/* SPDX-License-Identifier: MIT */
#include "amount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_number(const char *key, const char *text, uint64_t *amount, struct error *error)
{
    char *end;

    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (*amount != 0)
        return error_set(error, "%s is given twice", key);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < 1 ||
        number > INT64_MAX)
        return error_set(error,
                         "bad number '%.32s' of %s: from 1 on; for no limit leave the word out",
                         text, key);
    *amount = number;
    return 0;
}

/* "windows=N, pages=N or extents=N" */
static void list_words(const struct amount_word *words, size_t count, char *list, size_t room)
{
    size_t length = 0;

    for (size_t i = 0; i < count && length < room; i++)
        length += (size_t)snprintf(list + length, room - length, "%s%s=N",
                                   i == 0           ? ""
                                   : i + 1 == count ? " or "
                                                    : ", ",
                                   words[i].key);
}

int amount_parse(const char *text, const struct amount_word *words, size_t count, const char *whose,
                 struct error *error)
{
    char list[128];

    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(words[i].key);
        if (strncmp(text, words[i].key, length) == 0 && text[length] == '=')
            return parse_number(words[i].key, text + length + 1, words[i].amount, error);
    }
    list_words(words, count, list, sizeof list);
    return error_set(error, "bad word '%.64s' of %s: %s", text, whose, list);
}

int amount_take_word(const char **text, char word[AMOUNT_WORD_MAX], struct error *error)
{
    const size_t length = strcspn(*text, ",");

    if (length >= AMOUNT_WORD_MAX)
        return error_set(error, "a word has more than %u characters", AMOUNT_WORD_MAX - 1);
    memcpy(word, *text, length);
    word[length] = '\0';
    *text = (*text)[length] == ',' ? *text + length + 1 : NULL;
    return 0;
}
