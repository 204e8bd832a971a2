/* SPDX-License-Identifier: MIT
 * Accesses that the host fails and KVM does not report. */
#ifndef HOLDFAST_MACHINE_HIDDEN_FAULT_H
#define HOLDFAST_MACHINE_HIDDEN_FAULT_H

#include "instruction.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct vcpu;

/* What the last look at a vCPU has found. */
struct hidden_fault {
    bool is_set;
    uint64_t rip;
    uint64_t gpa;
    int64_t at; /* seconds of the monotonic clock */
};

/* From now on, a signal gets the vCPU's thread out of KVM_RUN each time that it has used some
 * milliseconds of processor time. Fails where the limit of pending signals is reached, or if the
 * thread has ended. */
int hidden_fault_watch(struct vcpu *vcpu, int thread_id, struct error *error);

/* Undoes it, if it was done. */
void hidden_fault_forget(struct vcpu *vcpu);

/* Whether the instruction at rip, which the vCPU is about to make, makes an access that the window
 * table allows and for which the host has no page: *gpa, and fetch_error says why. Only the second
 * look at the same vCPU says so. Waits where the host is short of memory. */
bool hidden_fault_found(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint64_t *gpa);

#endif
