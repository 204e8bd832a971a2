/* SPDX-License-Identifier: MIT
 * A vCPU: making it, and completing what it is in the middle of. */
#include "vcpu.h"

#include "board.h"
#include "cpuid.h"
#include "lifecycle.h"
#include "vmm/cause.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MSR_MTRR_DEFAULT        0x2ffu
#define MTRR_ENABLED_WRITE_BACK 0x806u

#define APIC_LINT0  0x350u
#define APIC_LINT1  0x360u
#define APIC_EXTINT 0x700u
#define APIC_NMI    0x400u

static int map_run_page(struct vcpu *vcpu, struct error *error)
{
    void *run =
        mmap(NULL, vcpu->machine->kvm->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);

    if (run == MAP_FAILED)
        return error_set(error, "cannot map vCPU %u: %s", vcpu->index, cause_text(errno));
    vcpu->run = run;
    /* Every hypercall needs the registers and the privilege level; this way they come along with
     * the exit. */
    vcpu->run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
    return 0;
}

/* As firmware leaves them: all memory is cached, and the interrupts of the first PIC reach the
 * first processor. */
static int set_firmware_state(const struct vcpu *vcpu, struct error *error)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } memory_types = {.head.nmsrs = 1, .entry = {MSR_MTRR_DEFAULT, 0, MTRR_ENABLED_WRITE_BACK}};
    struct kvm_lapic_state apic;

    if (ioctl(vcpu->fd, KVM_SET_MSRS, &memory_types) != 1)
        return error_set(error, "cannot set the memory types of vCPU %u", vcpu->index);
    if (vcpu->index != 0)
        return 0; /* its local APIC is set up by the guest */
    if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) < 0)
        return error_set(error, "KVM_GET_LAPIC: %s", cause_text(errno));
    memcpy(apic.regs + APIC_LINT0, &(uint32_t){APIC_EXTINT}, sizeof(uint32_t));
    memcpy(apic.regs + APIC_LINT1, &(uint32_t){APIC_NMI}, sizeof(uint32_t));
    if (ioctl(vcpu->fd, KVM_SET_LAPIC, &apic) < 0)
        return error_set(error, "KVM_SET_LAPIC: %s", cause_text(errno));
    return 0;
}

static int set_entry(struct vcpu *vcpu, struct error *error)
{
    struct kvm_regs regs;
    struct kvm_sregs sregs;

    if (vcpu->index != 0)
        return 0; /* waits for INIT and SIPI */
    if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
        return error_set(error, "KVM_GET_SREGS: %s", cause_text(errno));
    boot_registers(&vcpu->machine->image, &regs, &sregs);
    if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0)
        return error_set(error, "cannot set the registers of vCPU 0: %s", cause_text(errno));
    return 0;
}

int vcpu_create(struct machine *machine, struct vcpu *vcpu, uint32_t index, struct error *error)
{
    vcpu->machine = machine;
    vcpu->index = index;
    vcpu->fd = ioctl(machine->kvm->vm_fd, KVM_CREATE_VCPU, (unsigned long)index);
    if (vcpu->fd < 0)
        return error_set(error, "cannot make vCPU %u of --vcpus %u: %s", index, machine->vcpus,
                         cause_text(errno));
    vcpu->caller = (struct arena_caller){.vcpu_fd = vcpu->fd,
                                         .who = vcpu,
                                         .wait = lifecycle_wait_in_call,
                                         .pause = lifecycle_pause_in_call};
    if (map_run_page(vcpu, error) < 0 || vcpu_set_cpuid(vcpu, error) < 0 ||
        set_firmware_state(vcpu, error) < 0 || set_entry(vcpu, error) < 0)
        return -1;
    return power_on_read_vcpu(machine->kvm->fd, vcpu->fd, &vcpu->at_power_on, error);
}

void vcpu_destroy(struct vcpu *vcpu)
{
    hidden_fault_forget(vcpu);
    power_on_forget_vcpu(&vcpu->at_power_on);
    if (vcpu->run != NULL)
        munmap(vcpu->run, vcpu->machine->kvm->run_bytes);
    if (vcpu->fd >= 0)
        close(vcpu->fd);
}

void vcpu_complete_exit(struct vcpu *vcpu)
{
    const uint8_t before = vcpu->run->immediate_exit;

    if (!vcpu->exit_incomplete)
        return;
    vcpu->run->immediate_exit = 1;
    /* An access that is wider than a bus cycle comes back for each of its parts. */
    for (int part = 0; part < 32 && ioctl(vcpu->fd, KVM_RUN, 0) == 0; part++)
        ;
    vcpu->run->immediate_exit = before;
    vcpu->exit_incomplete = false;
}
