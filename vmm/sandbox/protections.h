/* SPDX-License-Identifier: MIT
 * What the kernel can do for a process besides filters. None of it is needed to run: what this
 * kernel lacks is told. */
#ifndef HOLDFAST_SANDBOX_PROTECTIONS_H
#define HOLDFAST_SANDBOX_PROTECTIONS_H

#include "vmm/memory/places.h"

#include <stdbool.h>

/* Asks for all of them, for memory that lies there, and logs a line if any is not to be had.
 * is_off: for those alone that come with another user, and without a word. To be called when all is
 * opened and locked. Cannot fail. */
void protections_apply(const struct memory_places *places, bool is_off);

/* To be called by each thread that may have become another user: from then on the process is as
 * dumpable as fs.suid_dumpable says. 0, or -1 with errno. */
int protections_hide_memory(void);

#endif
