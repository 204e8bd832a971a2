/* SPDX-License-Identifier: MIT */
/* holds: every object, with a name of up to 8 characters */
/* options: --unwind 68 */
#include "tests/proofs/text.h"
#include "vmm/memory/object_spec.c"

#define ROOM 9u

struct object_spec nondet_spec(void);

int size_parse(const char *text, uint64_t *bytes, struct error *error)
{
    (void)text, (void)bytes, (void)error;
    return -1;
}

/* CBMC has none. */
size_t strspn(const char *text, const char *accepted)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(accepted, text[length]) != NULL)
        length++;
    return length;
}

static bool may_stand_in_names(char character)
{
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') || character == '_' || character == '.' ||
           character == '-';
}

/* An object is accepted exactly if it has a name that the manual allows, a size that a file can
 * have, and a path or a size; and create only with a path and a size, for writing. */
void harness(void)
{
    static struct object_spec spec;
    struct error error;
    bool has_good_name = true;
    size_t length = 0;

    spec = nondet_spec();
    text_any(spec.name, ROOM);
    for (; spec.name[length] != '\0'; length++)
        has_good_name = has_good_name && may_stand_in_names(spec.name[length]);
    const bool has_path = spec.path[0] != '\0';
    const bool is_good = length > 0 && has_good_name && spec.bytes <= INT64_MAX &&
                         (has_path || spec.bytes > 0) &&
                         (!spec.create || (has_path && spec.bytes > 0 && !spec.read_only));
    const int result = object_check(&spec, &error);
    CLAIM((result == 0) == is_good);
    CLAIM(result == 0 || result == -1);
    REACHED();
}
