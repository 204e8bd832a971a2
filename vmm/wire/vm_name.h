/* SPDX-License-Identifier: MIT
 * Names of VMs: each is also the name of a socket file. */
#ifndef HOLDFAST_WIRE_VM_NAME_H
#define HOLDFAST_WIRE_VM_NAME_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stddef.h>

#define VM_NAME_MAX      48 /* characters */
#define VM_SOCKET_SUFFIX ".sock"

bool vm_name_valid(const char *name);

/* 0, or -1 with the error set if the name is not valid. */
int vm_name_check(const char *name, struct error *error);

/* Whether a directory entry is the socket of a VM; then name is the VM's. */
bool vm_name_of_socket(const char *entry, char name[VM_NAME_MAX + 1]);

#endif
