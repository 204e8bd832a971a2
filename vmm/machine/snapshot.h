/* SPDX-License-Identifier: MIT
 * The state of vCPUs and interrupt controllers as it was at power-on, to which a reset returns. */
#ifndef HOLDFAST_MACHINE_SNAPSHOT_H
#define HOLDFAST_MACHINE_SNAPSHOT_H

#include "vmm/error.h"

#include <linux/kvm.h>
#include <stdint.h>

struct vcpu_snapshot {
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

/* Reads all of a vCPU's state. kvm_fd: /dev/kvm. 0, or -1 with the error set. */
int snapshot_vcpu(int kvm_fd, int vcpu_fd, struct vcpu_snapshot *snapshot, struct error *error);

/* Puts it back. 0, or -1 with errno. Allocates nothing. */
int snapshot_vcpu_restore(int vcpu_fd, struct vcpu_snapshot *snapshot);
void snapshot_vcpu_forget(struct vcpu_snapshot *snapshot);

struct chips_snapshot {
    struct kvm_irqchip irqchip[3]; /* two PICs, the IOAPIC */
    struct kvm_pit_state2 pit;
};

int snapshot_chips(int vm_fd, struct chips_snapshot *snapshot, struct error *error);
int snapshot_chips_restore(int vm_fd, struct chips_snapshot *snapshot);

#endif
