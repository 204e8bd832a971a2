/* SPDX-License-Identifier: MIT
 * The memory cgroups that this process is charged to, of either version. */
#ifndef HOLDFAST_MEMORY_CGROUP_H
#define HOLDFAST_MEMORY_CGROUP_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes that this process can still take without the host or a memory cgroup running short. Opens
 * files, allocates nothing. */
uint64_t cgroup_memory_left(void);

/* Bytes that are charged to the memory cgroup of this process, its own ones and others'. false if
 * there is none that counts. Opens files, allocates nothing. */
bool cgroup_memory_used(uint64_t *bytes);

/* Whether this process shares no memory limit with another: what it gives to the kernel could be
 * taken by the other then. 0, or -1 with the error set: who shares it, or that it cannot be told.
 */
int cgroup_check_own(struct error *error);

#endif
