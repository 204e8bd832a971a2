/* SPDX-License-Identifier: MIT
 * Finding the running VMs. */
#ifndef HOLDFAST_CTL_DISCOVER_H
#define HOLDFAST_CTL_DISCOVER_H

#include "vmm/ctl/command.h"
#include "vmm/error.h"
#include "vmm/wire/runtime_directory.h"
#include "vmm/wire/vm_name.h"

#include <limits.h>
#include <stddef.h>

struct discovered {
    char name[VM_NAME_MAX + 1];
    unsigned directory; /* in which of them */
};

struct discovery {
    char directories[RUNTIME_DIRECTORIES_MOST][PATH_MAX];
    struct discovered *vms; /* sorted by name; discovery_free() */
    size_t count;
};

/* Lists the VMs with a socket in a runtime directory, and removes the sockets on which nobody
 * listens any more. No directory: no VMs; nor are there any in one that is closed to this user,
 * unless it is the first. EXIT_OK, or another code with the error set. */
enum exit_code discover(struct discovery *discovery, struct error *error);
void discovery_free(struct discovery *discovery);

#endif
