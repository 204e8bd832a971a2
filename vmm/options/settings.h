/* SPDX-License-Identifier: MIT
 * Words that hold until the VM ends: all but objects and quotas. */
#ifndef HOLDFAST_OPTIONS_SETTINGS_H
#define HOLDFAST_OPTIONS_SETTINGS_H

#include "vmm/error.h"
#include "vmm/options/setting.h"

struct options;

/* Writes them down. They may point into the options. 0, or -1 with the error set: no memory. Either
 * way settings_free(). */
int settings_of(struct settings *settings, const struct options *options, struct error *error);
void settings_free(struct settings *settings);

#endif
