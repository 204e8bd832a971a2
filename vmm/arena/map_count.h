/* SPDX-License-Identifier: MIT
 * How many mappings the kernel allows this process, and how many it has. Both open a file of /proc
 * and allocate nothing, so that they can be asked when memory is short. false: it cannot be read.
 */
#ifndef HOLDFAST_ARENA_MAP_COUNT_H
#define HOLDFAST_ARENA_MAP_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* vm.max_map_count, as it is now. */
bool map_count_allowed(uint64_t *count);

/* Reads all of /proc/self/maps, in small steps: others can map in between. */
bool map_count_used(uint64_t *count);

#endif
