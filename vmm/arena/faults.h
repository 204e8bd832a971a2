/* SPDX-License-Identifier: MIT
 * What vCPUs ask the arena when KVM has failed an access of the guest's, and what they have
 * counted. Cannot fail. */
#ifndef HOLDFAST_ARENA_FAULTS_H
#define HOLDFAST_ARENA_FAULTS_H

#include "vmm/windows/windows.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* Counts an access that will be answered with #GP. gpa: the address if it is known, else
 * ARENA_GPA_UNKNOWN. Returns the handle of the window it lies in, or 0. */
#define ARENA_GPA_UNKNOWN UINT64_MAX
uint64_t arena_count_fault(struct arena *arena, uint64_t gpa);

/* What the guest may do with an address of the arena, by the table. */
enum page_rights arena_page_rights(struct arena *arena, uint64_t gpa);

/* Counts a refusal of the host's kernel, for want of memory, to run a vCPU. */
void arena_count_refusal(struct arena *arena);

struct rescue_slot;

/* How others see a vCPU that waits for the host's memory outside any call: the vCPU's own. At first
 * all of it is 0. */
struct arena_wait {
    struct rescue_slot *slot; /* in which it is shown, or NULL */
    bool is_shown;
    uint64_t rip;
    uint64_t since_ns; /* first and last refusal of the instruction at rip */
    uint64_t refused_ns;
    uint32_t attempts;
};

/* What the host has refused to a vCPU. */
struct arena_refusal {
    uint32_t vcpu;
    uint64_t rip;            /* of the instruction */
    uint64_t gpa;            /* that it touches, or ARENA_GPA_UNKNOWN */
    const char *system_call; /* "madvise", "KVM_RUN" */
    int error;
    bool by_drill;
};

/* Shows that a vCPU is about to wait, or goes on waiting if it is at the same instruction. Takes no
 * lock, allocates nothing. */
void arena_show_wait(struct arena *arena, struct arena_wait *wait,
                     const struct arena_refusal *refusal);

/* Takes it back, if it was shown. The same. */
void arena_end_wait(struct arena *arena, struct arena_wait *wait);

#endif
