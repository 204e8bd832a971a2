/* SPDX-License-Identifier: MIT
 * Accesses that the host fails and KVM does not report. */
#ifndef HOLDFAST_MACHINE_HIDDEN_FAULT_H
#define HOLDFAST_MACHINE_HIDDEN_FAULT_H

#include "vmm/instructions/instructions.h"

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

struct error;
struct vcpu;

/* What looks at a vCPU have found, the last of them. */
struct hidden_fault {
    uint32_t looks; /* that found the same */
    uint64_t gpa;
    int64_t at; /* seconds of the monotonic clock */
    struct kvm_regs regs;
};

/* From now on, a signal gets the vCPU's thread out of KVM_RUN each time that it has used some
 * milliseconds of processor time. Fails where the limit of pending signals is reached, or if the
 * thread has ended. */
int hidden_fault_watch(struct vcpu *vcpu, int thread_id, struct error *error);

/* Whether such a signal has come to the calling thread since it asked last. */
bool hidden_fault_look_came(void);

/* Undoes it, if it was done. */
void hidden_fault_forget(struct vcpu *vcpu);

/* Whether the instruction that the vCPU stands at and that touches this is made again and again,
 * for the window table allows an access for which the host has no page: *gpa, and fetch_error says
 * why. Several looks have to find it. Waits where the host is short of memory. */
bool hidden_fault_found(struct vcpu *vcpu, const struct instruction_accesses *accesses,
                        uint64_t *gpa);

#endif
