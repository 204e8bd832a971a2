/* SPDX-License-Identifier: MIT
 * What CPUID tells the guest: what KVM supports, the topology, and Holdfast's leaves. */
#include "cpuid.h"

#include "board.h"
#include "holdfast/abi.h"
#include "topology.h"
#include "vcpu.h"
#include "vmm/cause.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define LEAF_HOLDFAST    0x40000100u /* KVM's own leaves keep 0x40000000 */
#define HOLDFAST_LEAVES  5u
#define LEAVES_ADDED     (HOLDFAST_LEAVES + TOPOLOGY_LEAVES)
#define ECX_TSC_DEADLINE (1u << 24)
#define ECX_HYPERVISOR   (1u << 31)
#define ECX_VMX          (1u << 5)
#define ECX_SVM          (1u << 2) /* of leaf 0x80000001 */

/* KVM's asynchronous page faults, of leaf 0x40000001. A guest that used them would let its own
 * threads make an access again for ever that the host cannot serve, where no look finds it. */
#define EAX_ASYNC_PF (1u << 4 | 1u << 10 | 1u << 14)

static void set_features(struct kvm_cpuid_entry2 *leaf)
{
    switch (leaf->function) {
    case 1:
        leaf->ecx |= ECX_TSC_DEADLINE | ECX_HYPERVISOR;
        /* No VMs in the guest: a reset does not restore their state, and a fault in one would be
         * taken for the guest's. */
        leaf->ecx &= ~ECX_VMX;
        break;
    case 0x40000001:
        leaf->eax &= ~EAX_ASYNC_PF;
        break;
    case 0x80000001:
        leaf->ecx &= ~ECX_SVM;
        break;
    default:
        break;
    }
}

static void add_holdfast(struct kvm_cpuid2 *cpuid, const struct machine *machine)
{
    const uint64_t base = memory_arena_base(machine->memory);
    const uint64_t pages = memory_arena_bytes(machine->memory) / HF_PAGE_SIZE;
    struct kvm_cpuid_entry2 *leaf = &cpuid->entries[cpuid->nent];

    leaf[0] = (struct kvm_cpuid_entry2){.function = LEAF_HOLDFAST,
                                        .eax = LEAF_HOLDFAST + HF_CPUID_LEAF_INSTANCE};
    memcpy(&leaf[0].ebx, HF_CPUID_SIGNATURE, 4);
    memcpy(&leaf[0].ecx, HF_CPUID_SIGNATURE + 4, 4);
    memcpy(&leaf[0].edx, HF_CPUID_SIGNATURE + 8, 4);
    leaf[1] = (struct kvm_cpuid_entry2){
        .function = LEAF_HOLDFAST + HF_CPUID_LEAF_CALLS,
        .eax = HF_ABI_VERSION,
        .ebx = machine->hypercalls.transports |
               (memory_can_prefault(machine->memory) ? HF_FEATURE_PREFAULT : 0),
        .ecx = HF_PORT_CALL,
        .edx = HF_PORT_EXIT,
    };
    leaf[2] = (struct kvm_cpuid_entry2){
        .function = LEAF_HOLDFAST + HF_CPUID_LEAF_ARENA,
        .eax = (uint32_t)base,
        .ebx = (uint32_t)(base >> 32),
        .ecx = (uint32_t)pages,
        .edx = (uint32_t)(pages >> 32),
    };
    leaf[3] = (struct kvm_cpuid_entry2){
        .function = LEAF_HOLDFAST + HF_CPUID_LEAF_EVENTS,
        .eax = EVENTS_GSI,
    };
    leaf[4] = (struct kvm_cpuid_entry2){
        .function = LEAF_HOLDFAST + HF_CPUID_LEAF_INSTANCE,
        .eax = (uint32_t)machine->instance,
        .ebx = (uint32_t)(machine->instance >> 32),
    };
    cpuid->nent += HOLDFAST_LEAVES;
}

int vcpu_set_cpuid(struct vcpu *vcpu, struct error *error)
{
    const struct machine *machine = vcpu->machine;
    const struct kvm_cpuid2 *supported = machine->kvm->cpuid;
    const size_t entry = sizeof supported->entries[0];

    if (supported->nent + LEAVES_ADDED > KVM_CPUID_ENTRIES)
        return error_set(error, "KVM supports %u CPUID leaves, no room for %u more",
                         supported->nent, LEAVES_ADDED);
    struct kvm_cpuid2 *cpuid = calloc(1, sizeof *cpuid + KVM_CPUID_ENTRIES * entry);
    if (cpuid == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    memcpy(cpuid, supported, sizeof *cpuid + supported->nent * entry);
    for (uint32_t i = 0; i < cpuid->nent; i++)
        set_features(&cpuid->entries[i]);
    topology_set(cpuid, vcpu->index, machine->vcpus);
    add_holdfast(cpuid, machine);
    const int result = ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid);
    free(cpuid);
    if (result < 0)
        return error_set(error, "KVM_SET_CPUID2: %s", cause_text(errno));
    return 0;
}
