/* SPDX-License-Identifier: MIT
 * Exceptions that the VMM gives to its guest. */
#ifndef HOLDFAST_MACHINE_EXCEPTION_H
#define HOLDFAST_MACHINE_EXCEPTION_H

#include <linux/kvm.h>
#include <stdbool.h>

struct vcpu;

enum vector {
    VECTOR_NMI = 2,
    VECTOR_UD = 6,
    VECTOR_DF = 8,
    VECTOR_TS = 10,
    VECTOR_GP = 13,
    VECTOR_PF = 14,
};

/* What is pending in the vCPU. false: KVM has failed, and the machine has ended. On its thread. */
bool exception_read(struct vcpu *vcpu, struct kvm_vcpu_events *events);
bool exception_write(struct vcpu *vcpu, struct kvm_vcpu_events events);

/* Gives the exception, with error code 0, to a vCPU in which this was pending when it made the
 * access. One too many ends the machine, as a triple fault does. */
void exception_inject(struct vcpu *vcpu, struct kvm_vcpu_events events, enum vector vector);

#endif
