/* SPDX-License-Identifier: MIT
 * Whether a vCPU is to make an access again that KVM has failed. */
#ifndef HOLDFAST_MACHINE_RETRY_H
#define HOLDFAST_MACHINE_RETRY_H

#include "instruction.h"
#include "vmm/memory/memory.h"

#include <stdint.h>

struct vcpu;

enum retry {
    RETRY_NOW,
    RETRY_NOT_ALLOWED, /* by the table: not mapped, or read-only */
    RETRY_NO_USE,      /* as far as is known allowed, but the host has no page for it */
};

/* Asked with the instruction at rip about to be made again; counts how often it has come back.
 * accesses: what it touches in the arena. Gives the host ballast, and pauses, where it may have
 * been short of memory. gpa: which access it is that cannot be made, or ARENA_GPA_UNKNOWN. */
enum retry retry_access(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint64_t *gpa);

/* The same for an instruction that KVM's emulator has given up on and that touches the arena. */
enum retry retry_emulation(struct vcpu *vcpu, uint64_t rip,
                           const struct instruction_accesses *accesses, uint64_t *gpa);

/* One step between two tries of something that failed for want of memory, or only in a drill;
 * attempt counts from 0. Gives the kernel what was set aside for it, or waits. */
void wait_for_memory(struct vcpu *vcpu, enum memory_shortage shortage, uint32_t attempt);

/* An instruction of the guest has been through, whichever: what fails next fails for the first
 * time. */
void retry_came_through(struct vcpu *vcpu);

#endif
