/* SPDX-License-Identifier: MIT
 * The options by name, and what each does with its value, for the command line and for files. */
#ifndef HOLDFAST_OPTIONS_OPTION_H
#define HOLDFAST_OPTIONS_OPTION_H

#include "vmm/error.h"
#include "vmm/options/options.h"

#include <getopt.h>

enum {
    OPTION_NAME = 256,
    OPTION_MEMORY,
    OPTION_VCPUS,
    OPTION_KERNEL,
    OPTION_INITRD,
    OPTION_APPEND,
    OPTION_BOOT,
    OPTION_ON_POWEROFF,
    OPTION_ON_REBOOT,
    OPTION_ON_PANIC,
    OPTION_ARENA,
    OPTION_OBJECT,
    OPTION_CONSOLE,
    OPTION_CONSOLE_LOG,
    OPTION_PAUSED,
    OPTION_CONTROL,
    OPTION_SHARE_CONTROL,
    OPTION_GUARANTEE,
    OPTION_CALIBRATE,
    OPTION_BUDGET,
    OPTION_QUOTA,
    OPTION_USER,
    OPTION_SANDBOX,
    OPTION_SANDBOX_LIST,
    OPTION_CONFIG,
    OPTION_CHECK,
    OPTION_END
};

/* As getopt_long(3) has them; the last has no name. */
extern const struct option option_names[];

/* Takes one option with its value, NULL where it has none. 0, or -1 with the error set. */
int option_take(struct options *options, int option, char *value, struct error *error);

/* Takes what a file says. tell: all lines that are wrong, one by one; NULL: the first alone. 0, or
 * -1 with the error set, or told and empty. */
int option_take_file(struct options *options, const char *path, const struct options_listener *tell,
                     struct error *error);

#endif
