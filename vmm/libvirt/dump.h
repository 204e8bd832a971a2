/* SPDX-License-Identifier: MIT
 * dump-guest-memory: a core file into a descriptor that a client has handed over, written by a
 * thread of its own while the machine is paused. The thread is there from the start: once the guest
 * runs, none may be made. */
#ifndef HOLDFAST_LIBVIRT_DUMP_H
#define HOLDFAST_LIBVIRT_DUMP_H

#include "vmm/error.h"
#include "vmm/libvirt/commands.h"

qmp_command dump_getfd, dump_closefd, dump_capability, dump_query, dump_guest_memory;

struct dump;

/* Starts the thread. 0, or -1 with the error set. */
int dump_begin(struct dump *dump, struct error *error);

/* Ends it, when there is no core file under way. */
void dump_stop(struct dump *dump);

/* Waits for the thread and tells that the core file is done, if there is one. */
void dump_end(struct libvirt *libvirt);
void dump_free(struct libvirt *libvirt);

#endif
