/* SPDX-License-Identifier: MIT
 * dump-guest-memory: a core file into a descriptor that a client has handed over, written by a
 * thread of its own while the machine is paused. */
#ifndef HOLDFAST_LIBVIRT_DUMP_H
#define HOLDFAST_LIBVIRT_DUMP_H

#include "vmm/libvirt/commands.h"

qmp_command dump_getfd, dump_closefd, dump_capability, dump_query, dump_guest_memory;

/* Waits for the thread and tells that the core file is done, if there is one. */
void dump_end(struct libvirt *libvirt);
void dump_free(struct libvirt *libvirt);

#endif
