/* SPDX-License-Identifier: MIT
 * What the files of this room share. */
#ifndef HOLDFAST_ARENA_ROOM_H
#define HOLDFAST_ARENA_ROOM_H

#include "vmm/arena/arena.h"
#include "vmm/memory/memory.h"
#include "vmm/windows/windows.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

struct arena {
    /* Held by MAP and UNMAP. Whoever holds it calls no allocator, opens and closes nothing. */
    pthread_mutex_t lock;

    struct memory *memory;
    struct windows *windows;
    size_t windows_bytes;
    int64_t pieces; /* of 2 MiB that the windows touch */
    struct backings backings;

    /* The one list that is being mapped: the guest's copied in once, and what became of it. */
    struct hf_extent list[HF_LIST_MAX];
    struct run runs[HF_LIST_MAX];

    _Atomic uint64_t faults;
    _Atomic uint64_t calls;
    _Atomic uint64_t refused;
    _Atomic uint64_t host_failures;
    _Atomic uint64_t refusals;
    _Atomic uint64_t rescued;
};

/* Adds up what a call has cost. */
void arena_note_effort(struct arena *arena, const struct map_effort *effort);

#endif
