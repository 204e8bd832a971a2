/* SPDX-License-Identifier: MIT
 * The modes of the guarantee, by their names. Knows no VMM: the CLI reads configuration files, too.
 */
#include "guarantee.h"

#include <string.h>

static const char *const names[] = {"off", "best-effort", "strict"};

const char *guarantee_name(enum guarantee guarantee)
{
    return names[guarantee];
}

int guarantee_parse(const char *text, enum guarantee *guarantee, struct error *error)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *guarantee = (enum guarantee)i;
            return 0;
        }
    }
    return error_set(error, "--guarantee %.64s: must be off, best-effort or strict", text);
}
