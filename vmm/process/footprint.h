/* SPDX-License-Identifier: MIT
 * What the process takes of the host: memory, and time of its processors. */
#ifndef HOLDFAST_PROCESS_FOOTPRINT_H
#define HOLDFAST_PROCESS_FOOTPRINT_H

#include <stdbool.h>
#include <stdint.h>

#define FOOTPRINT_FILES 1u

/* Guest RAM and memfds are shared memory, so they are in none of these but page_tables, which are
 * those of all of it. Bytes. */
struct footprint_memory {
    uint64_t anonymous;   /* heap, stacks, ballast */
    uint64_t files;       /* pages of programs, and of objects that are files */
    uint64_t page_tables; /* of the process, not of the second level */
};

/* Opens the file that tells it, which stays open: none is opened later. Cannot fail: where it
 * cannot be opened, nothing is told. Once, before there are threads that read it. */
void footprint_keep(void);

/* false: it cannot be told. Any thread; allocates nothing. */
bool footprint_memory(struct footprint_memory *memory);

/* Nanoseconds of processors that all threads have taken since the start. Cannot fail. */
uint64_t footprint_processor_ns(void);

#endif
