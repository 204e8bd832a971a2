/* SPDX-License-Identifier: MIT
 * A vCPU: its thread, its loop over KVM_RUN, and who answers which exit. */
#include "board.h"
#include "retry.h"
#include "vmm/cause.h"
#include "vmm/log.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef KVM_EXIT_MEMORY_FAULT /* Linux 6.8 */
#define KVM_EXIT_MEMORY_FAULT 39
#endif

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
    vcpu->caller = (struct arena_caller){.vcpu_fd = vcpu->fd, .wait = lifecycle_wait_in_call};
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

void vcpu_settle(struct vcpu *vcpu)
{
    const uint8_t before = vcpu->run->immediate_exit;

    if (!vcpu->unsettled)
        return;
    vcpu->run->immediate_exit = 1;
    /* An access that is wider than a bus cycle comes back for each of its parts. */
    for (int part = 0; part < 32 && ioctl(vcpu->fd, KVM_RUN, 0) == 0; part++)
        ;
    vcpu->run->immediate_exit = before;
    vcpu->unsettled = false;
}

static void crash(struct vcpu *vcpu, const char *reason, unsigned long long detail)
{
    log_line("vCPU %u at rip 0x%llx: %s (0x%llx)", vcpu->index,
             (unsigned long long)vcpu->run->s.regs.regs.rip, reason, detail);
    ending_follow(vcpu->machine, MACHINE_CRASHED, 0);
}

void vcpu_host_failed(struct vcpu *vcpu, const char *call)
{
    log_line("vCPU %u: %s: %s", vcpu->index, call, cause_text(errno));
    ending_end(vcpu->machine, MACHINE_FAILED, 0);
}

static void vmcall(struct vcpu *vcpu)
{
    struct kvm_run *run = vcpu->run;

    /* KVM has refused callers below CPL 0. */
    run->hypercall.ret =
        run->hypercall.nr == HF_VMCALL_NUMBER && run->hypercall.args[2] == HF_VMCALL_MAGIC
            ? hypercalls_perform(&vcpu->machine->hypercalls, &vcpu->caller, run->hypercall.args[1],
                                 run->hypercall.args[0], run->s.regs.sregs.ss.dpl)
            : (uint64_t)HF_UNKNOWN_CALL;
}

static void answer_exit(struct vcpu *vcpu)
{
    struct kvm_run *run = vcpu->run;

    switch (run->exit_reason) {
    case KVM_EXIT_IO:
        vcpu->unsettled = true;
        retry_came_through(vcpu, run->s.regs.regs.rip);
        vcpu_port_access(vcpu);
        break;
    case KVM_EXIT_HYPERCALL:
        vcpu->unsettled = true;
        retry_came_through(vcpu, run->s.regs.regs.rip);
        vmcall(vcpu);
        break;
    case KVM_EXIT_MMIO:
        vcpu->unsettled = true;
        fault_mmio(vcpu);
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION)
            fault_emulation(vcpu);
        else
            crash(vcpu, "KVM gave up on the guest, internal error", run->internal.suberror);
        break;
    case KVM_EXIT_SHUTDOWN:
        crash(vcpu, "the guest's exception handling failed three times over (triple fault)", 0);
        break;
    case KVM_EXIT_FAIL_ENTRY:
        crash(vcpu, "the processor refuses the guest's state",
              run->fail_entry.hardware_entry_failure_reason);
        break;
    case KVM_EXIT_INTR:
        break;
    default:
        crash(vcpu, "KVM left the guest for an unknown reason", run->exit_reason);
        break;
    }
}

static void answer_error(struct vcpu *vcpu, int error)
{
    switch (error) {
    case EINTR:
        /* Cleared before lifecycle_may_run() looks for the reason, so that no kick is lost; without
         * the fence, the processor may do it after. */
        *(volatile uint8_t *)&vcpu->run->immediate_exit = 0;
        atomic_thread_fence(memory_order_seq_cst);
        fault_look(vcpu);
        break;
    case EAGAIN:
        break;
    case ENOMEM:
        fault_no_memory(vcpu);
        break;
    case EFAULT:
        fault_no_page(vcpu);
        break;
    default:
        errno = error;
        vcpu_host_failed(vcpu, "KVM_RUN");
        break;
    }
}

static int64_t coarse_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now); /* without a system call */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A look at a vCPU that runs is no standstill: told of it time and again, the guest's watchdogs
 * would never bark. */
static enum standstill_exit interruption_kind(const struct vcpu *vcpu)
{
    const bool is_brief = coarse_ms() - vcpu->standstill.entered < STANDSTILL_MS;

    return hidden_fault_look_came() && is_brief ? STANDSTILL_RAN : STANDSTILL_INTERRUPTED;
}

static enum standstill_exit exit_kind(const struct vcpu *vcpu, int result, int error)
{
    if (result < 0)
        return error == EINTR ? interruption_kind(vcpu) : STANDSTILL_REFUSED;
    /* KVM reports a page that it does not get in these ways, too. */
    return vcpu->run->exit_reason == KVM_EXIT_MMIO ||
                   vcpu->run->exit_reason == KVM_EXIT_INTERNAL_ERROR
               ? STANDSTILL_REFUSED
               : STANDSTILL_RAN;
}

/* KVM_RUN, and before it a word to the guest's clock if the vCPU has stood still, so that its
 * watchdogs begin anew. A guest that does not use KVM's clock is not told: EINVAL. */
static int enter_guest(struct vcpu *vcpu)
{
    if (standstill_ends(&vcpu->standstill, coarse_ms()))
        ioctl(vcpu->fd, KVM_KVMCLOCK_CTRL, 0);
    const int result = ioctl(vcpu->fd, KVM_RUN, 0);
    const int error = errno;
    standstill_left(&vcpu->standstill, exit_kind(vcpu, result, error), coarse_ms());
    errno = error;
    return result;
}

static int run_guest(struct vcpu *vcpu)
{
    struct injection *injection = memory_injection(vcpu->machine->memory);

    vcpu->played = false;
    if (injection_strikes(injection, PRIMITIVE_RUN) ||
        injection_strikes(injection, PRIMITIVE_REACH)) {
        vcpu->played = injection_plays(injection);
        return -1;
    }
    const int result = enter_guest(vcpu);
    vcpu->unsettled = false;
    if (result == 0)
        vcpu->refusals = 0;
    return result;
}

void *vcpu_thread(void *argument)
{
    struct vcpu *vcpu = argument;

    memory_keep_stack(vcpu->machine->memory);
    lifecycle_begin(vcpu);
    while (lifecycle_may_run(vcpu)) {
        const int result = run_guest(vcpu);
        const int error = errno;

        atomic_store_explicit(&vcpu->exits,
                              atomic_load_explicit(&vcpu->exits, memory_order_relaxed) + 1,
                              memory_order_relaxed);
        if (result == 0)
            answer_exit(vcpu);
        else
            answer_error(vcpu, error);
    }
    return NULL;
}
