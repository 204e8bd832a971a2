/* SPDX-License-Identifier: MIT */
#include "power_on.h"

#include "vmm/cause.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define MSR_TSC   0x10u /* goes on over a reset; setting it would make KVM synchronise the vCPUs */
#define MSRS_MOST 1024u

/* The MTRRs, which KVM's list leaves out. */
#define MTRR_VARIABLE      0x200u
#define MTRR_VARIABLE_REGS 16u
static const uint32_t other_mtrrs[] = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
                                       0x26b, 0x26c, 0x26d, 0x26e, 0x26f, 0x2ff};
#define MSRS_ADDED (MTRR_VARIABLE_REGS + sizeof other_mtrrs / sizeof other_mtrrs[0])

/* The list of MSRs that KVM saves, and those that are to be saved with them; NULL with errno. */
static struct kvm_msr_list *msr_list(int kvm_fd)
{
    struct kvm_msr_list *list =
        calloc(1, sizeof *list + (MSRS_MOST + MSRS_ADDED) * sizeof list->indices[0]);

    if (list == NULL)
        return NULL;
    list->nmsrs = MSRS_MOST;
    if (ioctl(kvm_fd, KVM_GET_MSR_INDEX_LIST, list) < 0) {
        free(list);
        return NULL;
    }
    for (uint32_t i = 0; i < MTRR_VARIABLE_REGS; i++)
        list->indices[list->nmsrs++] = MTRR_VARIABLE + i;
    memcpy(list->indices + list->nmsrs, other_mtrrs, sizeof other_mtrrs);
    list->nmsrs += sizeof other_mtrrs / sizeof other_mtrrs[0];
    return list;
}

/* A list of one, laid out as KVM wants it. */
struct one_msr {
    struct kvm_msrs head;
    struct kvm_msr_entry entry;
};

/* Reads the MSRs one by one: KVM stops at the first that this vCPU does not have. */
static int read_msrs(int kvm_fd, int vcpu_fd, struct vcpu_power_on *state)
{
    struct kvm_msr_list *list = msr_list(kvm_fd);

    if (list == NULL)
        return -1;
    state->msrs = calloc(1, sizeof *state->msrs + list->nmsrs * sizeof state->msrs->entries[0]);
    for (uint32_t i = 0; state->msrs != NULL && i < list->nmsrs; i++) {
        struct one_msr one = {.head.nmsrs = 1, .entry.index = list->indices[i]};
        if (one.entry.index != MSR_TSC && ioctl(vcpu_fd, KVM_GET_MSRS, &one) == 1)
            state->msrs->entries[state->msrs->nmsrs++] = one.entry;
    }
    free(list);
    return state->msrs != NULL ? 0 : -1;
}

int power_on_read_vcpu(int kvm_fd, int vcpu_fd, struct vcpu_power_on *state, struct error *error)
{
    *state = (struct vcpu_power_on){0};
    if (ioctl(vcpu_fd, KVM_GET_REGS, &state->regs) < 0 ||
        ioctl(vcpu_fd, KVM_GET_SREGS, &state->sregs) < 0 ||
        ioctl(vcpu_fd, KVM_GET_XSAVE, &state->xsave) < 0 ||
        ioctl(vcpu_fd, KVM_GET_XCRS, &state->xcrs) < 0 ||
        ioctl(vcpu_fd, KVM_GET_DEBUGREGS, &state->debugregs) < 0 ||
        ioctl(vcpu_fd, KVM_GET_LAPIC, &state->lapic) < 0 ||
        ioctl(vcpu_fd, KVM_GET_MP_STATE, &state->mp_state) < 0 ||
        ioctl(vcpu_fd, KVM_GET_VCPU_EVENTS, &state->events) < 0 ||
        read_msrs(kvm_fd, vcpu_fd, state) < 0) {
        error_set(error, "cannot read a vCPU's state: %s", cause_text(errno));
        power_on_forget_vcpu(state);
        return -1;
    }
    return 0;
}

/* MSRs that KVM reads but does not set are left alone: a guest cannot have changed them. */
static void write_msrs(int vcpu_fd, const struct kvm_msrs *msrs)
{
    for (uint32_t i = 0; i < msrs->nmsrs; i++) {
        struct one_msr one = {.head.nmsrs = 1, .entry = msrs->entries[i]};
        ioctl(vcpu_fd, KVM_SET_MSRS, &one);
    }
}

int power_on_restore_vcpu(int vcpu_fd, struct vcpu_power_on *state)
{
    /* The APIC base in sregs comes before the APIC, the APIC before its timer's MSR. */
    if (ioctl(vcpu_fd, KVM_SET_SREGS, &state->sregs) < 0 ||
        ioctl(vcpu_fd, KVM_SET_LAPIC, &state->lapic) < 0)
        return -1;
    write_msrs(vcpu_fd, state->msrs);
    /* A host without XSAVE has none and refuses to set none. */
    if ((state->xcrs.nr_xcrs > 0 && ioctl(vcpu_fd, KVM_SET_XCRS, &state->xcrs) < 0) ||
        ioctl(vcpu_fd, KVM_SET_XSAVE, &state->xsave) < 0 ||
        ioctl(vcpu_fd, KVM_SET_DEBUGREGS, &state->debugregs) < 0 ||
        ioctl(vcpu_fd, KVM_SET_REGS, &state->regs) < 0 ||
        ioctl(vcpu_fd, KVM_SET_VCPU_EVENTS, &state->events) < 0)
        return -1;
    return ioctl(vcpu_fd, KVM_SET_MP_STATE, &state->mp_state);
}

void power_on_forget_vcpu(struct vcpu_power_on *state)
{
    free(state->msrs);
    state->msrs = NULL;
}

int power_on_read_chips(int vm_fd, struct chips_power_on *state, struct error *error)
{
    for (uint32_t i = 0; i < 3; i++) {
        state->irqchip[i].chip_id = i;
        if (ioctl(vm_fd, KVM_GET_IRQCHIP, &state->irqchip[i]) < 0)
            return error_set(error, "cannot read interrupt controller %u: %s", i,
                             cause_text(errno));
    }
    if (ioctl(vm_fd, KVM_GET_PIT2, &state->pit) < 0)
        return error_set(error, "cannot read the timer's state: %s", cause_text(errno));
    return 0;
}

int power_on_restore_chips(int vm_fd, struct chips_power_on *state)
{
    for (uint32_t i = 0; i < 3; i++)
        if (ioctl(vm_fd, KVM_SET_IRQCHIP, &state->irqchip[i]) < 0)
            return -1;
    return ioctl(vm_fd, KVM_SET_PIT2, &state->pit);
}
