/* SPDX-License-Identifier: MIT
 * What the kernel that is running charges for an extent: measured, for it depends on the kernel's
 * version and configuration. */
#ifndef HOLDFAST_MEMORY_CALIBRATE_H
#define HOLDFAST_MEMORY_CALIBRATE_H

#include <stdint.h>

/* Maps some thousand pages of a memory object, each between unmapped ones, as the arena does, and
 * sees what this costs the process's memory cgroup. Bytes for each; 0 where that cannot be told: no
 * cgroup counts it, no memory is left, or others are charged at the same time. */
uint32_t calibrate_extent(int fd, uint64_t bytes);

#endif
