/* SPDX-License-Identifier: MIT
 * The value of an option as QEMU's users write it: "word,key=value,..." with a comma in a value
 * written twice, or a JSON object. Either becomes a JSON object whose values are all strings. */
#ifndef HOLDFAST_LIBVIRT_WORDS_H
#define HOLDFAST_LIBVIRT_WORDS_H

#include "vmm/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* implied: the key of a first word without one; NULL: there is no such word. Truth is "on" or
 * "off". NULL with the error set; else json_decref() it. */
json_t *words_parse(const char *option, const char *text, const char *implied, struct error *error);

/* The value of a key, or NULL. */
const char *words_get(const json_t *words, const char *key);

/* What may stand in an option. */
struct words_rule {
    const char *key;
    const char *values; /* those that are possible, with | between them; NULL: any */
    const char *hint;   /* for a value that is not; may be NULL */
};

/* Whether each key has a rule and a value that the rule allows. 0, or -1 with the error set. */
int words_check(const char *option, const json_t *words, const struct words_rule *rules,
                size_t count, struct error *error);
#define WORDS_CHECK(option, words, rules, error)                                                   \
    words_check(option, words, rules, sizeof(rules) / sizeof((rules)[0]), error)

/* Whether text is one of the values with | between them. */
bool words_among(const char *text, const char *values);

/* A number, with no unit or k, M, G or T behind it; without one it counts in units of unit. false:
 * it is none, or too large. */
bool words_number(const char *text, uint64_t unit, uint64_t *number);

#endif
