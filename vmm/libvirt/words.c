/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/words.h"
#include "vmm/cause.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct error *error)
{
    return error_set(error, "%s", cause_text(ENOMEM));
}

/* Takes one word off the text, without the comma behind it; a comma that is written twice is part
 * of it. NULL: out of memory. */
static char *take_word(const char **text)
{
    char *word = malloc(strlen(*text) + 1);
    size_t length = 0;

    if (word == NULL)
        return NULL;
    for (; **text != '\0'; (*text)++) {
        if (**text == ',') {
            if ((*text)[1] != ',')
                break;
            (*text)++;
        }
        word[length++] = **text;
    }
    word[length] = '\0';
    if (**text == ',')
        (*text)++;
    return word;
}

/* Paths may hold any bytes, so nothing here insists on UTF-8. */
static int put(json_t *words, const char *key, const char *value, struct error *error)
{
    json_t *string = json_stringn_nocheck(value, strlen(value));

    return string != NULL && json_object_set_new_nocheck(words, key, string) == 0
               ? 0
               : no_memory(error);
}

static int put_word(json_t *words, const char *option, char *word, const char *implied,
                    struct error *error)
{
    char *equals = strchr(word, '=');

    if (equals != NULL)
        *equals = '\0';
    if (equals == NULL && implied != NULL)
        return put(words, implied, word, error);
    if (word[0] == '\0')
        return error_set(error, "%s: a key is missing", option);
    return put(words, word, equals != NULL ? equals + 1 : "on", error);
}

static json_t *parse_text(const char *option, const char *text, const char *implied,
                          struct error *error)
{
    json_t *words = json_object();
    int result = words != NULL ? 0 : no_memory(error);

    for (bool first = true; result == 0 && *text != '\0'; first = false) {
        char *word = take_word(&text);
        result = word != NULL ? put_word(words, option, word, first ? implied : NULL, error)
                              : no_memory(error);
        free(word);
    }
    if (result == 0)
        return words;
    json_decref(words);
    return NULL;
}

static int put_json(json_t *words, const char *key, const json_t *value, struct error *error)
{
    if (json_is_string(value))
        return put(words, key, json_string_value(value), error);
    if (json_is_boolean(value))
        return put(words, key, json_is_true(value) ? "on" : "off", error);
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL)
        return no_memory(error);
    const int result = put(words, key, text, error);
    free(text);
    return result;
}

static json_t *parse_json(const char *option, const char *text, struct error *error)
{
    json_error_t cause;
    const char *key;
    json_t *value;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &cause);

    if (object == NULL || !json_is_object(object)) {
        error_set(error, "%s %.100s: %s", option, text,
                  object == NULL ? cause.text : "not a JSON object");
        json_decref(object);
        return NULL;
    }
    json_t *words = json_object();
    int result = words != NULL ? 0 : no_memory(error);
    json_object_foreach(object, key, value)
    {
        if (result == 0)
            result = put_json(words, key, value, error);
    }
    json_decref(object);
    if (result == 0)
        return words;
    json_decref(words);
    return NULL;
}

json_t *words_parse(const char *option, const char *text, const char *implied, struct error *error)
{
    return text[0] == '{' ? parse_json(option, text, error)
                          : parse_text(option, text, implied, error);
}

const char *words_get(const json_t *words, const char *key)
{
    return json_string_value(json_object_get(words, key));
}

bool words_among(const char *text, const char *values)
{
    const size_t length = strcspn(text, "|");

    if (text[length] != '\0')
        return false;
    for (const char *at = values; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, text, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return true;
    }
    return false;
}

static int check_one(const char *option, const char *key, const char *value,
                     const struct words_rule *rules, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct words_rule *rule = &rules[i];
        if (strcmp(rule->key, key) != 0)
            continue;
        if (rule->values == NULL || words_among(value, rule->values))
            return 0;
        return error_set(error, "%s %.64s=%.100s: not possible with Holdfast%s%s", option, key,
                         value, rule->hint != NULL ? "; " : "",
                         rule->hint != NULL ? rule->hint : "");
    }
    return error_set(error, "%s %.64s=%.100s: Holdfast does not know %.64s", option, key, value,
                     key);
}

int words_check(const char *option, const json_t *words, const struct words_rule *rules,
                size_t count, struct error *error)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)words, key, value)
    {
        if (check_one(option, key, json_string_value(value), rules, count, error) < 0)
            return -1;
    }
    return 0;
}

bool words_number(const char *text, uint64_t unit, uint64_t *number)
{
    static const char units[] = "KMGT";
    char *end;

    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || errno != 0)
        return false;
    if (*end != '\0') {
        const char *at = strchr(units, toupper((unsigned char)*end));
        if (at == NULL || end[1] != '\0')
            return false;
        unit = 1024ull << (10 * (unsigned)(at - units));
    }
    if (value > UINT64_MAX / unit)
        return false;
    *number = value * unit;
    return true;
}
