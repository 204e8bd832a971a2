/* SPDX-License-Identifier: MIT
 * What operators write, and text that is shown to them: sizes, tags, quotas, budgets and objects
 * are refused with a line that can be shown, or understood; written again from what was understood
 * they mean the same. Text that was repaired is UTF-8, and is as it was where it was that before.
 *
 * An input begins with a byte that says which of them it is. */
#include "target.h"
#include "vmm/memory/object.h"
#include "vmm/options/budget.h"
#include "vmm/options/quota.h"
#include "vmm/options/size.h"
#include "vmm/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE, TAG, QUOTA, BUDGET, OBJECT, TEXT, KINDS };

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

static uint64_t understood[KINDS], refused[KINDS];

static void count(unsigned kind, int result, const struct error *error)
{
    struct error plain = *error;

    if (result == 0) {
        understood[kind]++;
        return;
    }
    refused[kind]++;
    assert_true(error->text[0] != '\0');
    utf8_make_plain(plain.text);
    assert_string_equal(plain.text, error->text);
}

static void try_size(const char *text)
{
    struct error error = {""};
    uint64_t bytes, again;
    char written[32];

    const int result = size_parse(text, &bytes, &error);
    count(SIZE, result, &error);
    if (result < 0)
        return;
    snprintf(written, sizeof written, "%" PRIu64, bytes);
    assert_int_equal(size_parse(written, &again, &error), 0);
    assert_int_equal(again, bytes);
}

static void try_tag(const char *text)
{
    struct error error = {""};
    uint32_t tag, again;
    char written[16];

    const int result = quota_parse_tag(text, &tag, &error);
    count(TAG, result, &error);
    if (result < 0)
        return;
    snprintf(written, sizeof written, "0x%" PRIx32, tag);
    assert_int_equal(quota_parse_tag(written, &again, &error), 0);
    assert_int_equal(again, tag);
    assert_int_not_equal(tag, 0);
}

/* Writes an amount if it is not 0. */
static void add(char *text, const char *key, uint64_t amount)
{
    if (amount > 0)
        sprintf(text + strlen(text), "%s%s=%" PRIu64, text[0] != '\0' ? "," : "", key, amount);
}

static void try_quota(const char *text)
{
    struct error error = {""};
    struct tag_amounts quota = {0}, again = {0};
    uint32_t tag, same_tag;
    char written[160];

    const int result = quota_parse(text, &tag, &quota, &error);
    count(QUOTA, result, &error);
    if (result < 0)
        return;
    sprintf(written, "tag=0x%" PRIx32, tag);
    add(written, "windows", quota.windows);
    add(written, "pages", quota.pages);
    add(written, "extents", quota.extents);
    assert_int_equal(quota_parse(written, &same_tag, &again, &error), 0);
    assert_int_equal(same_tag, tag);
    assert_memory_equal(&again, &quota, sizeof quota);
}

static void try_budget(const char *text)
{
    struct error error = {""};
    struct budget budget = {0}, again = {0};
    char written[128] = "";

    const int result = budget_parse(text, &budget, &error);
    count(BUDGET, result, &error);
    if (result < 0)
        return;
    add(written, "windows", budget.windows);
    add(written, "extents", budget.extents);
    add(written, "tables", budget.tables);
    assert_int_equal(budget_parse(written, &again, &error), 0);
    assert_memory_equal(&again, &budget, sizeof budget);
}

/* A comma in a path is written twice. */
static void write_object(const struct object_spec *spec, char *text)
{
    text += sprintf(text, "name=%s%s%s", spec->name, spec->read_only ? ",access=ro" : "",
                    spec->create ? ",create" : "");
    if (spec->bytes > 0)
        text += sprintf(text, ",size=%" PRIu64, spec->bytes);
    if (spec->path[0] == '\0')
        return;
    text += sprintf(text, ",path=");
    for (const char *at = spec->path; *at != '\0'; at++)
        text += sprintf(text, *at == ',' ? ",," : "%c", *at);
}

static void try_object(const char *text)
{
    static char written[3 * sizeof(struct object_spec)];
    struct error error = {""};
    struct object_spec spec, again;

    const int result = object_parse(text, &spec, &error);
    count(OBJECT, result, &error);
    if (result < 0)
        return;
    assert_int_equal(strspn(spec.name, NAME_CHARACTERS), strlen(spec.name));
    assert_true(spec.name[0] != '\0' && (spec.bytes > 0 || spec.path[0] != '\0'));
    write_object(&spec, written);
    if (object_parse(written, &again, &error) < 0)
        fail_msg("%s: %s", written, error.text);
    assert_memory_equal(&again, &spec, sizeof spec);
}

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text); /* NULL if it is none */

    json_decref(string);
    return string != NULL;
}

static void try_text(const char *text)
{
    char *repaired = strdup(text);
    char *plain = strdup(text);

    assert_true(repaired != NULL && plain != NULL);
    utf8_repair(repaired);
    utf8_make_plain(plain);
    assert_true(is_utf8(repaired) && is_utf8(plain));
    assert_int_equal(strlen(repaired), strlen(text));
    assert_true(strlen(plain) <= strlen(text));
    if (is_utf8(text))
        assert_string_equal(repaired, text);
    for (const char *at = plain; *at != '\0'; at++)
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
    free(repaired);
    free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const tries[KINDS])(const char *) = {
        [SIZE] = try_size,     [TAG] = try_tag,       [QUOTA] = try_quota,
        [BUDGET] = try_budget, [OBJECT] = try_object, [TEXT] = try_text,
    };

    if (size < 1)
        return 0;
    char *text = malloc(size); /* the first byte goes, and a zero comes */
    assert_non_null(text);
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    tries[bytes[0] % KINDS](text);
    free(text);
    return 0;
}

void fuzz_reached(void)
{
    static const char *const names[] = {"sizes", "tags", "quotas", "budgets", "objects"};

    for (unsigned kind = 0; kind < TEXT; kind++) {
        printf("%llu %s understood, %llu refused\n", (unsigned long long)understood[kind],
               names[kind], (unsigned long long)refused[kind]);
        assert_true(understood[kind] > 0 && refused[kind] > 0);
    }
}
