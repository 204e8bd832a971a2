/* SPDX-License-Identifier: MIT
 * Accesses that nothing stands behind, in the ways in which KVM reports them. On the vCPU's
 * thread; where KVM fails, the machine has ended. */
#ifndef HOLDFAST_MACHINE_FAULT_H
#define HOLDFAST_MACHINE_FAULT_H

struct vcpu;

/* KVM_RUN failed because no host page is behind an address. */
void fault_no_page(struct vcpu *vcpu);
/* KVM_RUN failed for want of memory. */
void fault_no_memory(struct vcpu *vcpu);
/* KVM_RUN was interrupted, which may have been an access made again and again. */
void fault_look(struct vcpu *vcpu);
/* An exit for an address without a device. */
void fault_mmio(struct vcpu *vcpu);
/* KVM could not emulate an instruction. */
void fault_emulation(struct vcpu *vcpu);

#endif
