/* SPDX-License-Identifier: MIT
 * Whether a vCPU is to make an access again that KVM has failed. */
#ifndef HOLDFAST_MACHINE_RETRY_H
#define HOLDFAST_MACHINE_RETRY_H

#include "vmm/instructions/instructions.h"
#include "vmm/memory/memory.h"

#include <stdint.h>

struct vcpu;

enum retry {
    RETRY_NOW,
    RETRY_NOT_ALLOWED, /* by the table: not mapped, or read-only */
    RETRY_NO_USE,      /* as far as is known allowed, but the host has no page for it */
};

/* Asked with the instruction at rip about to be made again; counts how often it has come back.
 * accesses: what it touches. gpa: which access it is that cannot be made, or ARENA_GPA_UNKNOWN.
 *
 * - An access that is certain and that the table does not allow: not again.
 * - The host is out of memory for a page: again for as long as that lasts. Where the page
 *   is there and only the host's page tables for it are short, it is given ballast. Nothing else
 *   lends any.
 * - All accesses are known, allowed and present: again for about a minute, as long as a host may be
 *   short of memory for what KVM needs of its own.
 * - Otherwise it is likely that what was not found is not allowed: again for some milliseconds, in
 *   case the host was short of memory. Nothing found is not the same as present.
 *
 * Returns RETRY_NOW without a wait when the machine wants its vCPUs' attention. */
enum retry retry_access(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint64_t *gpa);

/* The same for an instruction that KVM's emulator has given up on, mostly for other reasons than
 * memory: never longer than some milliseconds. */
enum retry retry_emulation(struct vcpu *vcpu, uint64_t rip,
                           const struct instruction_accesses *accesses, uint64_t *gpa);

/* What the host has refused to a vCPU. */
struct refusal {
    enum memory_shortage shortage;
    const char *system_call; /* "madvise", "KVM_RUN" */
    int error;
    uint64_t gpa; /* that the guest touches, or ARENA_GPA_UNKNOWN */
};

/* One step between two tries of something that failed for want of memory, or only in a drill;
 * attempt counts from 0. Gives the kernel what was set aside for it, or shows that the vCPU waits,
 * and waits. */
void wait_for_memory(struct vcpu *vcpu, const struct refusal *refusal, uint32_t attempt);

/* Before each KVM_RUN, and after what came of it was answered: where it is not to be tried again,
 * the vCPU is no longer shown as one that waits. */
void retry_begin(struct vcpu *vcpu);
void retry_end(struct vcpu *vcpu);

/* In between: KVM_RUN was interrupted, and it is not known whether the guest came any further. */
void retry_undecided(struct vcpu *vcpu);

/* The instruction that ends at rip or begins there has been through: if it fails next, it fails for
 * the first time. */
void retry_came_through(struct vcpu *vcpu, uint64_t rip);

#endif
