/* SPDX-License-Identifier: MIT
 * Finding the running VMs. */
#ifndef HOLDFAST_CTL_DISCOVER_H
#define HOLDFAST_CTL_DISCOVER_H

#include "vmm/ctl/command.h"
#include "vmm/error.h"
#include "vmm/wire/vm_name.h"

#include <limits.h>
#include <stddef.h>

struct discovery {
    char directory[PATH_MAX];
    char (*names)[VM_NAME_MAX + 1]; /* sorted; discovery_free() */
    size_t count;
};

/* Lists the VMs with a socket in the runtime directory, and removes the sockets on which nobody
 * listens any more. No directory: no VMs. EXIT_OK, or another code with the error set. */
enum exit_code discover(struct discovery *discovery, struct error *error);
void discovery_free(struct discovery *discovery);

#endif
