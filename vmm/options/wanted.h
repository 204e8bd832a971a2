/* SPDX-License-Identifier: MIT
 * What a configuration file wants of a VM that runs. Knows no VMM: the CLI reads files with it. */
#ifndef HOLDFAST_OPTIONS_WANTED_H
#define HOLDFAST_OPTIONS_WANTED_H

#include "vmm/error.h"
#include "vmm/memory/object.h"
#include "vmm/options/quota.h"
#include "vmm/options/setting.h"

#include <stdint.h>

struct options;

struct wanted {
    struct object_spec *objects;
    uint32_t object_count;
    const struct tag_quota *quotas;
    uint32_t quota_count;
    struct settings settings;
    struct options *options; /* what all of it lies in */
};

/* Reads a file as holdfast-vmm --config does. 0, or -1 with the error set: there is a mistake in
 * it, or no memory. Either way wanted_free(). */
int wanted_read(struct wanted *wanted, const char *file, struct error *error);
void wanted_free(struct wanted *wanted);

#endif
