/* SPDX-License-Identifier: MIT
 * The memory cgroups that this process is charged to, of either version. */
#ifndef HOLDFAST_MEMORY_CGROUP_H
#define HOLDFAST_MEMORY_CGROUP_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes that this process can still take without the host or a memory cgroup that can be seen
 * running short, or being slowed down (memory.high). Opens files; allocates nothing but for the
 * first call. */
uint64_t cgroup_memory_left(void);

/* How much of the limits this process can see: in a container, or where cgroups are not mounted,
 * those of some cgroups cannot be. */
enum cgroup_view {
    CGROUP_ALL_SEEN,
    CGROUP_LIMIT_SEEN,   /* one at least; another may be lower */
    CGROUP_NOTHING_SEEN, /* none, and there may be one */
};
enum cgroup_view cgroup_look(void);

/* Bytes that are charged to the memory cgroup of this process, its own ones and others'. false if
 * there is none that counts. Opens files, allocates nothing. */
bool cgroup_memory_used(uint64_t *bytes);

/* Whether this process shares no memory limit with another: what it gives to the kernel could be
 * taken by the other then. 0, or -1 with the error set: who shares it, or that it cannot be told.
 */
int cgroup_check_own(struct error *error);

#endif
