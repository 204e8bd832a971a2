/* SPDX-License-Identifier: MIT
 * The descriptors that the VMM was started with. Numbers on its command line mean these alone:
 * later a number may be one of its own, behind which is the guest's RAM or a client's connection.
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_PROCESS_INHERITED_H
#define HOLDFAST_PROCESS_INHERITED_H

#include "vmm/error.h"

#include <stdbool.h>

/* To be called before anything is opened. Notes what is open. Has something stand in for standard
 * descriptors that came closed: what is opened later must not become one of them, and so get what
 * is printed. 0, or -1 with the error set. */
int inherited_note(struct error *error);

/* Counts a descriptor among them that was opened for a number on a command line of the VMM's own
 * making. 0, or -1 with the error set. */
int inherited_add(int fd, struct error *error);

/* Whether the process was started with this descriptor. Before inherited_note(): whether it is open
 * now. */
bool inherited(int fd);

/* Whether a path that names a descriptor, as /dev/fd/3 does, names an inherited one; any other path
 * is none of this function's business. 0, or -1 with the error set. */
int inherited_check_path(const char *path, struct error *error);

#endif
