/* SPDX-License-Identifier: MIT
 * How many mappings the kernel allows this process, and how many it has. Each is read from a file
 * of /proc; nothing is allocated. false: it cannot be read. */
#ifndef HOLDFAST_ARENA_MAP_COUNT_H
#define HOLDFAST_ARENA_MAP_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* The two files, -1 where one is not open. */
struct map_count_files {
    int allowed;
    int used;
};

/* Opens both and reads each once, so that they can be read when memory is short. Cannot fail: what
 * cannot be opened cannot be read. */
void map_count_open(struct map_count_files *files);
void map_count_close(struct map_count_files *files);

/* vm.max_map_count, as it is now. */
bool map_count_allowed(const struct map_count_files *files, uint64_t *count);

/* Reads all of /proc/self/maps, in small steps: others can map in between. One thread at a time. */
bool map_count_used(const struct map_count_files *files, uint64_t *count);

#endif
