/* SPDX-License-Identifier: MIT
 * The arena: the window table and the memory behind it under one lock. Hypercalls and the control
 * service both come through here.
 *
 * This header is for those who make it and end it. The others have headers of their own: calls.h
 * for hypercalls, faults.h for vCPUs, operators.h, accounts.h and drill.h for the control service.
 *
 * Functions for operators return 0 or -1 with a message for a person in the error.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_ARENA_ARENA_H
#define HOLDFAST_ARENA_ARENA_H

#include "vmm/error.h"
#include "vmm/memory/guarantee.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct arena_caller;
struct memory;

#define ARENA_EXTENTS_MOST (1u << 20) /* whatever vm.max_map_count says */
#define ARENA_FILES_KEPT   64u

/* The most extents for which vm.max_map_count leaves room in a process with so many vCPUs, as it is
 * now: the more it maps otherwise, the fewer. 0, or -1 with the error set: for none. */
int arena_extents_most(uint32_t vcpus, uint32_t *extents, struct error *error);

struct arena_config {
    uint32_t windows; /* most windows at once */
    uint32_t extents; /* most extents at once; 0: what vm.max_map_count leaves room for */
    uint64_t tables;  /* most tables of the second level; 0: as many as the arena takes */
    uint32_t vcpus;   /* that will be made; their threads take VMAs, too */
    bool keep_files;  /* open, to tell why memory is short: ARENA_FILES_KEPT at most */
    struct guarantee_of_process process; /* for arena_accounts() */
};

/* Takes over memory, whose arena is all guard. NULL with the error set if the table cannot be
 * allocated. */
struct arena *arena_create(struct memory *memory, const struct arena_config *config,
                           struct error *error);
void arena_destroy(struct arena *arena);

/* The VM has ended: operators' calls no longer wait for the host's memory. Any thread; cannot fail.
 */
void arena_give_up(struct arena *arena);

/* Releases every window. The vCPUs must be out of KVM_RUN, and no call under way. Waits where the
 * host is short of memory. false: that was given up. */
bool arena_reset(struct arena *arena, const struct arena_caller *caller);

#endif
