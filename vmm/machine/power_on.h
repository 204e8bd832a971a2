/* SPDX-License-Identifier: MIT
 * The state of vCPUs and interrupt controllers at power-on, to which a reset returns.
 *
 * It is not enough to save a running VM and to go on elsewhere. What a saved VM needs beyond this:
 * - MP_STATE read first: KVM_GET_MP_STATE takes a pending INIT or SIPI, which changes registers
 *   and events. At power-on none is pending.
 * - KVM_GET_XSAVE2: KVM_GET_XSAVE has room for 4096 bytes, and AMX tiles need more.
 * - KVM_GET_SREGS2: in PAE mode, the PDPTRs that the vCPU has loaded.
 * - KVM_GET_NESTED_STATE, if the guest runs guests.
 * - The TSC and KVM's clock (KVM_GET_CLOCK), which here go on over a reset.
 * - The devices' state, the windows and all memory, which a reset makes anew. */
#ifndef HOLDFAST_MACHINE_POWER_ON_H
#define HOLDFAST_MACHINE_POWER_ON_H

#include "vmm/error.h"

#include <linux/kvm.h>
#include <stdint.h>

struct vcpu_power_on {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_xsave xsave;
    struct kvm_xcrs xcrs;
    struct kvm_debugregs debugregs;
    struct kvm_lapic_state lapic;
    struct kvm_mp_state mp_state;
    struct kvm_vcpu_events events;
    struct kvm_msrs *msrs;
};

/* Reads what a reset restores of a vCPU. kvm_fd: /dev/kvm. 0, or -1 with the error set. */
int power_on_read_vcpu(int kvm_fd, int vcpu_fd, struct vcpu_power_on *state, struct error *error);

/* Puts it back. 0, or -1 with errno. Allocates nothing. */
int power_on_restore_vcpu(int vcpu_fd, struct vcpu_power_on *state);
void power_on_forget_vcpu(struct vcpu_power_on *state);

struct chips_power_on {
    struct kvm_irqchip irqchip[3]; /* two PICs, the IOAPIC */
    struct kvm_pit_state2 pit;
};

int power_on_read_chips(int vm_fd, struct chips_power_on *state, struct error *error);
int power_on_restore_chips(int vm_fd, struct chips_power_on *state);

#endif
