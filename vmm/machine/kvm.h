/* SPDX-License-Identifier: MIT
 * The host's KVM: opening it, what it can do, one VM. */
#ifndef HOLDFAST_MACHINE_KVM_H
#define HOLDFAST_MACHINE_KVM_H

#include "vmm/error.h"

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#define KVM_CPUID_ENTRIES 256u

struct kvm {
    int fd;
    int vm_fd;
    size_t run_bytes;         /* of each vCPU's shared page */
    uint32_t vcpus_most;      /* what KVM allows in one VM */
    uint64_t gpa_limit;       /* the guest's physical addresses end here */
    uint32_t transports;      /* HF_FEATURE_PIO and so on: those that work on this host */
    struct kvm_cpuid2 *cpuid; /* what KVM supports, KVM_CPUID_ENTRIES long */
};

/* Whether this process may open it, by looking alone. 0, or -1 with the error set. */
int kvm_look(struct error *error);

/* Opens /dev/kvm, checks that it has what Holdfast needs and makes a VM with its interrupt
 * controllers. 0, or -1 with the error set. */
int kvm_open(struct kvm *kvm, struct error *error);
void kvm_close(struct kvm *kvm);

/* Which of the transports VMCALL and VMMCALL reaches user space on this host: HF_FEATURE_VMCALL,
 * HF_FEATURE_VMMCALL or 0. Runs the native instruction once in a throw-away VM, since some hosts
 * announce the exit and then never complete it. */
uint32_t kvm_probe_hypercall(const struct kvm *kvm);

/* Makes HC 12 of the VM exit to user space. 0 or -1. */
int kvm_enable_hypercall_exit(int vm_fd);

#endif
