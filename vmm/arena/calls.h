/* SPDX-License-Identifier: MIT
 * The calls of the ABI, for the hypercalls. Functions that return an hf_status fail only as the ABI
 * says. */
#ifndef HOLDFAST_ARENA_CALLS_H
#define HOLDFAST_ARENA_CALLS_H

#include "holdfast/abi.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

void arena_info(struct arena *arena, struct hf_info *info);
enum hf_status arena_object_open(struct arena *arena, struct hf_object_open *call);

/* Who makes a call: a vCPU, on its own thread. */
struct arena_caller {
    int vcpu_fd; /* second-level tables are made for it */
    void *who;   /* for wait() */

    /* Waits about so many nanoseconds, or less, while the host is short of memory. false: the call
     * is given up, for the VM is being reset or has ended: nobody will see its status. NULL:
     * sleeps, until arena_give_up(). */
    bool (*wait)(const struct arena_caller *caller, uint64_t nanoseconds);

    /* Between two steps of a long call: where the VM is being paused, returns when it goes on.
     * false as with wait(). NULL: it never is. */
    bool (*pause)(const struct arena_caller *caller);
};

/* Where the host is short of memory, these wait until it gives in. Other calls go on meanwhile, but
 * for those on the same window. */
enum hf_status arena_reserve(struct arena *arena, const struct arena_caller *caller,
                             struct hf_reserve *call);
enum hf_status arena_map(struct arena *arena, const struct arena_caller *caller,
                         struct hf_map *call);
enum hf_status arena_unmap(struct arena *arena, const struct arena_caller *caller,
                           const struct hf_unmap *call);
enum hf_status arena_remap(struct arena *arena, const struct arena_caller *caller,
                           struct hf_remap *call);
enum hf_status arena_release(struct arena *arena, const struct arena_caller *caller,
                             const struct hf_release *call);
enum hf_status arena_stat(struct arena *arena, struct hf_stat *call);

/* These wait for the host's storage, without the arena's lock: all other calls go on. A forced
 * detach meanwhile does not wait for them; the descriptor is closed when they are through. */
enum hf_status arena_flush(struct arena *arena, const struct hf_flush *call);
/* In steps of at most 256 MiB, between which the VM can be paused or reset. */
enum hf_status arena_discard(struct arena *arena, const struct arena_caller *caller,
                             const struct hf_discard *call);

/* Counts a hypercall and how it was answered. */
void arena_count_call(struct arena *arena, enum hf_status status);

#endif
