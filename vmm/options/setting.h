/* SPDX-License-Identifier: MIT
 * What a VM was started with, word by word, in one form for all ways to write it. */
#ifndef HOLDFAST_OPTIONS_SETTING_H
#define HOLDFAST_OPTIONS_SETTING_H

#include <stddef.h>

struct setting {
    const char *word; /* as a file has it */
    const char *value;
};

struct settings {
    struct setting *setting;
    size_t count;
};

#endif
