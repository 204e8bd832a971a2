/* SPDX-License-Identifier: MIT
 * Where the guest's memory, and what is set aside for it, lies in the VMM's address space. */
#ifndef HOLDFAST_MEMORY_PLACES_H
#define HOLDFAST_MEMORY_PLACES_H

#include <stdint.h>

/* From begin on, before end; both the same: there is none. */
struct memory_place {
    uint64_t begin, end;
};

struct memory_places {
    struct memory_place arena;
    struct memory_place ram;
    struct memory_place ballast;
    struct memory_place ram_tables_ballast;
    const char *cgroups[2]; /* not in memory: where versions 1 and 2 are mounted; NULL: nowhere */
};

struct memory;

/* They stay for the life of the VM. To be called once RAM's tables were made. Cannot fail. */
void memory_tell_places(const struct memory *memory, struct memory_places *places);

#endif
