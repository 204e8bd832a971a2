/* SPDX-License-Identifier: MIT */
/* holds: every word of up to 12 characters, after any other words */
/* options: --unwind 14 */
#include "tests/proofs/text.h"
#include "vmm/memory/object_spec.c"

#define ROOM 13u

static uint64_t size_is;
static bool size_is_good;

int size_parse(const char *text, uint64_t *bytes, struct error *error)
{
    (void)text, (void)error;
    *bytes = size_is;
    return size_is_good ? 0 : -1;
}

struct object_spec nondet_spec(void);

static bool begins(const char *text, const char *key)
{
    size_t i = 0;

    while (key[i] != '\0' && text[i] == key[i])
        i++;
    return key[i] == '\0';
}

static bool equal(const char *a, const char *b)
{
    size_t i = 0;

    while (a[i] == b[i] && a[i] != '\0')
        i++;
    return a[i] == b[i];
}

static enum key key_of(const char *item)
{
    return begins(item, "name=")     ? KEY_NAME
           : begins(item, "path=")   ? KEY_PATH
           : begins(item, "size=")   ? KEY_SIZE
           : begins(item, "access=") ? KEY_ACCESS
           : equal(item, "create")   ? KEY_CREATE
                                     : KEYS;
}

/* A word of an object is one of the manual's, given for the first time, and goes into its own
 * field, or it is refused; the other fields stay. So no later word changes what an earlier said. */
void harness(void)
{
    static struct object_spec spec;
    char item[ROOM], text[ROOM];
    const unsigned before = nondet_u32();
    unsigned given = before;
    struct error error;

    spec = nondet_spec();
    const struct object_spec old = spec;
    text_any(item, ROOM);
    for (size_t i = 0; i < ROOM; i++)
        text[i] = item[i];
    size_is = nondet_u64();
    size_is_good = nondet_bool();
    const enum key key = key_of(text);
    const char *value = text + (key == KEY_ACCESS ? 7 : 5);
    const bool is_new = key < KEYS && (before & 1u << key) == 0;
    const bool is_good = key == KEY_PATH     ? *value != '\0'
                         : key == KEY_SIZE   ? size_is_good && size_is > 0
                         : key == KEY_ACCESS ? equal(value, "ro") || equal(value, "rw")
                                             : true;
    const int result = set_item(&spec, item, &given, &error);
    CLAIM((result == 0) == (is_new && is_good));
    CLAIM(is_new ? given == (before | 1u << key) : given == before);
    if (result != 0)
        return;
    const size_t i = nondet_size();
    ASSUME(i < ROOM);
    CLAIM(key == KEY_NAME ? equal(spec.name, value) : spec.name[i] == old.name[i]);
    CLAIM(key == KEY_PATH ? equal(spec.path, value) : spec.path[i] == old.path[i]);
    CLAIM(spec.bytes == (key == KEY_SIZE ? size_is : old.bytes));
    CLAIM(spec.read_only == (key == KEY_ACCESS ? equal(value, "ro") : old.read_only));
    CLAIM(spec.create == (key == KEY_CREATE ? true : old.create));
    REACHED();
}
