/* SPDX-License-Identifier: MIT
 * A vCPU's state as vmm/instructions takes it, and back. */
#ifndef HOLDFAST_MACHINE_INSTRUCTION_CONTEXT_H
#define HOLDFAST_MACHINE_INSTRUCTION_CONTEXT_H

#include "vmm/instructions/instructions.h"

#include <linux/kvm.h>

struct vcpu;

/* The vCPU with the registers that came along with its last exit. Valid until it runs again. On its
 * own thread. Cannot fail: what KVM does not tell is marked as not known. */
struct instruction_context instruction_context_of(const struct vcpu *vcpu);

/* All that KVM has in struct kvm_regs. */
struct kvm_regs instruction_context_to_kvm(const struct registers *registers);

#endif
