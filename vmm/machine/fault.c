/* SPDX-License-Identifier: MIT
 * Accesses that nothing stands behind. In the arena the guest gets #GP at the instruction that
 * made the access; the VM goes on. KVM reports such accesses in several ways, depending on
 * whether the processor or KVM's emulator made them. */
#include "board.h"
#include "instruction.h"
#include "vmm/log.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

enum vector { VECTOR_UD = 6, VECTOR_DF = 8, VECTOR_TS = 10, VECTOR_GP = 13, VECTOR_PF = 14 };

static struct log_limit fault_lines;

/* What the processor makes of an exception that comes while another is being delivered: the
 * exception, #DF, or 0 for a triple fault (Intel SDM volume 3, interrupt 8). */
static uint8_t combine(const struct kvm_vcpu_events *events, enum vector vector)
{
    const uint8_t first = events->exception.nr;
    const bool contributory = first == 0 || (first >= VECTOR_TS && first <= VECTOR_PF);

    if (events->exception.injected == 0)
        return (uint8_t)vector;
    if (first == VECTOR_DF)
        return 0;
    return contributory && vector != VECTOR_UD ? VECTOR_DF : (uint8_t)vector;
}

static void inject(struct vcpu *vcpu, enum vector vector)
{
    struct kvm_vcpu_events events;

    if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) < 0) {
        log_line("vCPU %u: KVM_GET_VCPU_EVENTS: %s", vcpu->index, strerror(errno));
        lifecycle_end(vcpu->machine, MACHINE_FAILED, 0);
        return;
    }
    const uint8_t nr = combine(&events, vector);
    if (nr == 0) {
        log_line("vCPU %u: the guest's exception handling failed three times over (triple fault)",
                 vcpu->index);
        lifecycle_end(vcpu->machine, MACHINE_CRASHED, 0);
        return;
    }
    events.exception.injected = 1;
    events.exception.pending = 0;
    events.exception.nr = nr;
    events.exception.has_error_code = nr != VECTOR_UD;
    events.exception.error_code = 0;
    events.exception_has_payload = 0;
    if (ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) < 0) {
        log_line("vCPU %u: KVM_SET_VCPU_EVENTS: %s", vcpu->index, strerror(errno));
        lifecycle_end(vcpu->machine, MACHINE_FAILED, 0);
    }
}

/* Counts and logs the access, then #GP. gpa may be ARENA_GPA_UNKNOWN. */
static void refuse_access(struct vcpu *vcpu, uint64_t gpa, uint64_t rip)
{
    const uint64_t window = arena_count_fault(vcpu->machine->arena, gpa);

    if (gpa == ARENA_GPA_UNKNOWN)
        log_limited(&fault_lines,
                    "vCPU %u: the instruction at 0x%llx touches a page that is not "
                    "mapped, or writes to a read-only one: #GP",
                    vcpu->index, (unsigned long long)rip);
    else
        log_limited(&fault_lines,
                    "vCPU %u: the instruction at 0x%llx touches guest-physical "
                    "0x%llx (window 0x%llx), not mapped or read-only: #GP",
                    vcpu->index, (unsigned long long)rip, (unsigned long long)gpa,
                    (unsigned long long)window);
    inject(vcpu, VECTOR_GP);
}

static struct instruction_context context_of(const struct vcpu *vcpu)
{
    return (struct instruction_context){
        .vcpu_fd = vcpu->fd,
        .memory = vcpu->machine->memory,
        .regs = &vcpu->run->s.regs.regs,
        .sregs = &vcpu->run->s.regs.sregs,
    };
}

static uint64_t arena_end(const struct machine *machine)
{
    return memory_arena_base(machine->memory) + memory_arena_bytes(machine->memory);
}

static bool in_arena(const struct machine *machine, uint64_t gpa)
{
    return gpa >= memory_arena_base(machine->memory) && gpa < arena_end(machine);
}

static bool find_access(const struct vcpu *vcpu, struct instruction_access *access)
{
    const struct instruction_context context = context_of(vcpu);

    return instruction_access(&context, memory_arena_base(vcpu->machine->memory),
                              arena_end(vcpu->machine), access);
}

/* Whether the table allows an access, so that it is the host that has failed it. */
static bool is_allowed(const struct vcpu *vcpu, const struct instruction_access *access)
{
    const enum page_rights rights = arena_page_rights(vcpu->machine->arena, access->gpa);

    return rights == PAGE_WRITABLE || (rights == PAGE_READ_ONLY && !access->write);
}

/* How often the same instruction may come back before the guest is told after all. */
#define TRIES_OF_UNKNOWN 16u
#define TRIES_OF_PRESENT 1000u

/* The host may have failed an access only for want of memory, of which it is given some then.
 * true: the vCPU is to try again. */
static bool may_try_again(struct vcpu *vcpu, const struct instruction_access *access)
{
    struct memory *memory = vcpu->machine->memory;

    if (access == NULL) {
        /* RAM, perhaps: its pages are there, but the second level's tables need memory, too. */
        if (vcpu->tries >= TRIES_OF_UNKNOWN)
            return false;
        memory_relieve(memory, vcpu->tries);
        return true;
    }
    if (!is_allowed(vcpu, access))
        return false;
    switch (memory_fetch(memory, access->gpa, access->write)) {
    case MEMORY_PRESENT:
        return vcpu->tries < TRIES_OF_PRESENT;
    case MEMORY_SHORT:
        memory_relieve(memory, vcpu->tries);
        return true;
    default:
        return false; /* beyond the end of a file that was cut short */
    }
}

void fault_no_page(struct vcpu *vcpu)
{
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct instruction_access access;
    const bool known = find_access(vcpu, &access);

    vcpu->tries = rip == vcpu->tried_rip ? vcpu->tries + 1 : 0;
    vcpu->tried_rip = rip;
    if (!may_try_again(vcpu, known ? &access : NULL))
        refuse_access(vcpu, known ? access.gpa : ARENA_GPA_UNKNOWN, rip);
}

void fault_no_memory(struct vcpu *vcpu)
{
    vcpu->tries++;
    memory_relieve(vcpu->machine->memory, vcpu->tries - 1);
}

void fault_mmio(struct vcpu *vcpu)
{
    struct kvm_run *run = vcpu->run;
    const uint64_t gpa = run->mmio.phys_addr;
    struct kvm_regs before = run->s.regs.regs;

    if (!in_arena(vcpu->machine, gpa)) {
        /* No device is there: as on a bus, writes go nowhere and reads give ones. */
        if (run->mmio.is_write == 0)
            memset(run->mmio.data, 0xff, sizeof run->mmio.data);
        return;
    }
    if (run->mmio.is_write != 0) {
        /* The emulator has stored and moved on. */
        const struct instruction_context context = context_of(vcpu);
        uint64_t stored = 0;
        memcpy(&stored, run->mmio.data, sizeof stored);
        if (!instruction_undo_store(&context, gpa, stored, &before))
            log_limited(&fault_lines,
                        "vCPU %u: no instruction before 0x%llx fits the store to "
                        "guest-physical 0x%llx",
                        vcpu->index, (unsigned long long)before.rip, (unsigned long long)gpa);
    } else {
        memset(run->mmio.data, 0xff, sizeof run->mmio.data);
    }
    /* The access has to be completed before the registers can be set back to before it. */
    vcpu_settle(vcpu);
    if (ioctl(vcpu->fd, KVM_SET_REGS, &before) < 0) {
        log_line("vCPU %u: KVM_SET_REGS: %s", vcpu->index, strerror(errno));
        lifecycle_end(vcpu->machine, MACHINE_FAILED, 0);
        return;
    }
    refuse_access(vcpu, gpa, before.rip);
}

void fault_emulation(struct vcpu *vcpu)
{
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct instruction_access access;

    /* The emulator also gives up where it finds no page to fetch from or to lock; then the guest
     * is to learn of the access, not of the emulator. */
    if (find_access(vcpu, &access) && !is_allowed(vcpu, &access)) {
        refuse_access(vcpu, access.gpa, rip);
        return;
    }
    log_limited(&fault_lines,
                "vCPU %u: this host's KVM cannot emulate the instruction at 0x%llx: #UD",
                vcpu->index, (unsigned long long)rip);
    inject(vcpu, VECTOR_UD);
}
