/* SPDX-License-Identifier: MIT
 * The commands of the monitor: tables of those that are answered, and why others are not. */
#ifndef HOLDFAST_LIBVIRT_COMMANDS_H
#define HOLDFAST_LIBVIRT_COMMANDS_H

#include "vmm/error.h"

#include <jansson.h>

struct libvirt;

/* Returns what stands behind "return", or NULL with the error set. */
typedef json_t *qmp_command(struct libvirt *libvirt, const json_t *arguments, struct error *error);

struct qmp_entry {
    const char *name;
    qmp_command *answer;
};
extern const struct qmp_entry qmp_emulator_commands[]; /* end with a NULL name */
extern const struct qmp_entry qmp_machine_commands[];

/* The version that the emulator is taken for, as query-version and the greeting tell it. NULL: out
 * of memory. */
json_t *qmp_version(void);

/* Why Holdfast cannot do what a command of QEMU's asks; NULL: it is not known. */
const char *qmp_refusal(const char *command);

#endif
