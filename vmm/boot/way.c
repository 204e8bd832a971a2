/* SPDX-License-Identifier: MIT
 * The ways into a kernel, by their names. Knows no VMM: the CLI reads configuration files, too. */
#include "boot.h"

#include <string.h>

static const char *const way_names[] = {
    [BOOT_AUTO] = "auto",
    [BOOT_DIRECT] = "direct",
    [BOOT_DECOMPRESSOR] = "decompressor",
    [BOOT_PVH] = "pvh",
};

int boot_way_parse(const char *text, enum boot_way *way, struct error *error)
{
    for (unsigned i = 0; i < sizeof way_names / sizeof way_names[0]; i++) {
        if (strcmp(text, way_names[i]) == 0) {
            *way = (enum boot_way)i;
            return 0;
        }
    }
    return error_set(error, "--boot %s: no such way; say auto, direct, decompressor or pvh", text);
}

const char *boot_way_name(enum boot_way way)
{
    return way_names[way];
}
