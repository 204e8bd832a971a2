/* SPDX-License-Identifier: MIT
 * A vCPU's thread: its loop over KVM_RUN, and who answers which exit. */
#include "vcpu_thread.h"

#include "board.h"
#include "ending.h"
#include "fault.h"
#include "hidden_fault.h"
#include "lifecycle.h"
#include "ports.h"
#include "retry.h"
#include "vcpu.h"
#include "vmm/memory/stack.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <time.h>

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
        vcpu->exit_incomplete = true;
        retry_came_through(vcpu, run->s.regs.regs.rip);
        vcpu_port_access(vcpu);
        break;
    case KVM_EXIT_HYPERCALL:
        vcpu->exit_incomplete = true;
        retry_came_through(vcpu, run->s.regs.regs.rip);
        vmcall(vcpu);
        break;
    case KVM_EXIT_MMIO:
        vcpu->exit_incomplete = true;
        fault_mmio(vcpu);
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION)
            fault_emulation(vcpu);
        else
            ending_crash(vcpu, "KVM gave up on the guest, internal error", run->internal.suberror);
        break;
    case KVM_EXIT_SHUTDOWN:
        ending_crash(vcpu, "the guest's exception handling failed three times over (triple fault)",
                     0);
        break;
    case KVM_EXIT_FAIL_ENTRY:
        ending_crash(vcpu, "the processor refuses the guest's state",
                     run->fail_entry.hardware_entry_failure_reason);
        break;
    case KVM_EXIT_INTR:
        break;
    default:
        ending_crash(vcpu, "KVM left the guest for an unknown reason", run->exit_reason);
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
        retry_undecided(vcpu);
        break;
    case EAGAIN:
        retry_undecided(vcpu);
        break;
    case ENOMEM:
        fault_no_memory(vcpu);
        break;
    case EFAULT:
        fault_no_page(vcpu);
        break;
    default:
        errno = error;
        ending_host_failed(vcpu, "KVM_RUN");
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
    VCPU_IS_AT(vcpu, VCPU_IN_GUEST);
    const int result = ioctl(vcpu->fd, KVM_RUN, 0);
    const int error = errno;
    VCPU_IS_AT(vcpu, VCPU_AT_WORK);
    standstill_left(&vcpu->standstill, exit_kind(vcpu, result, error), coarse_ms());
    errno = error;
    return result;
}

static int run_guest(struct vcpu *vcpu)
{
    struct injection *injection = memory_injection(vcpu->machine->memory);

    vcpu->by_drill = false;
    if (injection_should_fail(injection, PRIMITIVE_RUN) ||
        injection_should_fail(injection, PRIMITIVE_REACH)) {
        vcpu->by_drill = injection_is_drill(injection);
        return -1;
    }
    const int result = enter_guest(vcpu);
    vcpu->exit_incomplete = false;
    if (result == 0)
        vcpu->refusals = 0;
    return result;
}

/* A vCPU that is to park waits for no memory. */
static bool may_run(struct vcpu *vcpu)
{
    if (atomic_load_explicit(&vcpu->machine->attention, memory_order_acquire)) {
        retry_begin(vcpu);
        retry_end(vcpu);
    }
    return lifecycle_may_run(vcpu);
}

void *vcpu_thread(void *argument)
{
    struct vcpu *vcpu = argument;

    stack_set_aside();
    lifecycle_begin(vcpu);
    sandbox_enter(SANDBOX_VCPU);
    sandbox_wait();
    while (may_run(vcpu)) {
        retry_begin(vcpu);
        const int result = run_guest(vcpu);
        const int error = errno;

        atomic_store_explicit(&vcpu->exits,
                              atomic_load_explicit(&vcpu->exits, memory_order_relaxed) + 1,
                              memory_order_relaxed);
        if (result == 0)
            answer_exit(vcpu);
        else
            answer_error(vcpu, error);
        retry_end(vcpu);
    }
    VCPU_IS_AT(vcpu, VCPU_WAITS);
    return NULL;
}
