/* SPDX-License-Identifier: MIT
 * How much memory this process can still have. */
#ifndef HOLDFAST_MEMORY_MEMORY_LEFT_H
#define HOLDFAST_MEMORY_MEMORY_LEFT_H

#include "vmm/memory/cgroup_watch.h"

#include <stdint.h>

#define MEMORY_LEFT_FILES CGROUP_WATCH_FILES

/* What the host and the memory cgroups have left, bytes. Any thread. Cannot fail: what cannot be
 * seen has no limit. */
uint64_t memory_left(void);

/* From now on the files that tell it stay open, MEMORY_LEFT_FILES at most: none is opened later,
 * unless the process is moved to another cgroup. */
void memory_left_keep(void);

#endif
