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

static void host_failed(struct vcpu *vcpu, const char *what)
{
    log_line("vCPU %u: %s: %s", vcpu->index, what, strerror(errno));
    lifecycle_end(vcpu->machine, MACHINE_FAILED, 0);
}

static bool read_events(struct vcpu *vcpu, struct kvm_vcpu_events *events)
{
    if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, events) == 0)
        return true;
    host_failed(vcpu, "KVM_GET_VCPU_EVENTS");
    return false;
}

static bool write_events(struct vcpu *vcpu, struct kvm_vcpu_events events)
{
    /* Others may have sent an NMI or INIT since the state was read. */
    events.flags &= (uint32_t) ~(KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SMM |
                                 KVM_VCPUEVENT_VALID_SIPI_VECTOR);
    if (ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) == 0)
        return true;
    host_failed(vcpu, "KVM_SET_VCPU_EVENTS");
    return false;
}

/* To a vCPU that was in this state when it made the access. */
static void inject(struct vcpu *vcpu, struct kvm_vcpu_events events, enum vector vector)
{
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
    write_events(vcpu, events);
}

/* Counts and logs the access, then #GP. gpa may be ARENA_GPA_UNKNOWN. */
static void refuse_access(struct vcpu *vcpu, const struct kvm_vcpu_events *events, uint64_t gpa,
                          uint64_t rip)
{
    const uint64_t window = arena_count_fault(vcpu->machine->arena, gpa);

    vcpu->tries = 0;
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
    inject(vcpu, *events, VECTOR_GP);
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
#define TRIES_OF_PRESENT 200u
#define TRIES_AT_ONCE    8u

/* The host may have failed an access only for want of memory, of which it is given some then.
 * true: the vCPU is to try again. */
static bool may_try_again(struct vcpu *vcpu, const struct instruction_access *access)
{
    struct memory *memory = vcpu->machine->memory;

    if (access == NULL) {
        /* RAM, perhaps: its pages are there, but the second level's tables need memory, too. */
        if (vcpu->tries >= TRIES_OF_UNKNOWN)
            return false;
        memory_relieve(memory, vcpu->tries, false);
        return true;
    }
    if (!is_allowed(vcpu, access))
        return false;
    switch (memory_fetch(memory, access->gpa, access->write)) {
    case MEMORY_PRESENT:
        /* If it is short of anything, it is of KVM's own. */
        if (vcpu->tries >= TRIES_AT_ONCE)
            memory_relieve(memory, vcpu->tries - TRIES_AT_ONCE, false);
        return vcpu->tries < TRIES_OF_PRESENT;
    case MEMORY_SHORT:
        memory_relieve(memory, vcpu->tries, false);
        return true;
    default:
        return false; /* beyond the end of a file that was cut short */
    }
}

/* The same, counting how often the instruction at rip has come back for this page. */
static bool tries_again(struct vcpu *vcpu, uint64_t rip, const struct instruction_access *access)
{
    const uint64_t gpa = access != NULL ? access->gpa : ARENA_GPA_UNKNOWN;

    vcpu->tries = rip == vcpu->tried_rip && gpa == vcpu->tried_gpa ? vcpu->tries + 1 : 0;
    vcpu->tried_rip = rip;
    vcpu->tried_gpa = gpa;
    return may_try_again(vcpu, access);
}

void fault_no_page(struct vcpu *vcpu)
{
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct kvm_vcpu_events events;
    struct instruction_access access;
    const bool known = find_access(vcpu, &access);

    if (!tries_again(vcpu, rip, known ? &access : NULL) && read_events(vcpu, &events))
        refuse_access(vcpu, &events, known ? access.gpa : ARENA_GPA_UNKNOWN, rip);
}

void fault_no_memory(struct vcpu *vcpu)
{
    arena_count_refusal(vcpu->machine->arena);
    memory_relieve(vcpu->machine->memory, vcpu->refusals++, vcpu->played);
}

/* What a vCPU was before the instruction that has left it for an access. */
struct before_access {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_vcpu_events events;
};

/* Finishes the access, as it has to be, and takes back all that it did: what was read may have
 * gone into a control or segment register, or have raised an exception. */
static bool take_back(struct vcpu *vcpu, struct before_access *before)
{
    vcpu_settle(vcpu);
    if (memcmp(&before->sregs, &vcpu->run->s.regs.sregs, sizeof before->sregs) != 0 &&
        ioctl(vcpu->fd, KVM_SET_SREGS, &before->sregs) < 0) {
        host_failed(vcpu, "KVM_SET_SREGS");
        return false;
    }
    if (ioctl(vcpu->fd, KVM_SET_REGS, &before->regs) < 0) {
        host_failed(vcpu, "KVM_SET_REGS");
        return false;
    }
    return write_events(vcpu, before->events);
}

/* Sets regs back to before a store that KVM's emulator has made and moved on from. */
static bool find_store(const struct vcpu *vcpu, struct kvm_regs *regs)
{
    const struct kvm_run *run = vcpu->run;
    const struct instruction_context context = context_of(vcpu);
    struct instruction_store store = {.gpa = run->mmio.phys_addr, .bytes = run->mmio.len};

    memcpy(&store.value, run->mmio.data, sizeof store.value);
    if (instruction_undo_store(&context, &store, regs))
        return true;
    log_limited(&fault_lines,
                "vCPU %u: no instruction before 0x%llx fits the store to guest-physical 0x%llx",
                vcpu->index, (unsigned long long)regs->rip, (unsigned long long)store.gpa);
    return false;
}

void fault_mmio(struct vcpu *vcpu)
{
    struct kvm_run *run = vcpu->run;
    const struct instruction_access access = {.gpa = run->mmio.phys_addr,
                                              .write = run->mmio.is_write != 0};
    struct before_access before = {.regs = run->s.regs.regs, .sregs = run->s.regs.sregs};

    /* No device is there: as on a bus, writes go nowhere and reads give ones. */
    if (!access.write)
        memset(run->mmio.data, 0xff, sizeof run->mmio.data);
    if (!in_arena(vcpu->machine, access.gpa))
        return;
    const bool found = !access.write || find_store(vcpu, &before.regs);
    if (!read_events(vcpu, &before.events) || !take_back(vcpu, &before))
        return;
    /* KVM's emulator takes a page that it could not get for want of memory for a device, too. */
    if (!found || !tries_again(vcpu, before.regs.rip, &access))
        refuse_access(vcpu, &before.events, access.gpa, before.regs.rip);
}

void fault_emulation(struct vcpu *vcpu)
{
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct kvm_vcpu_events events;
    struct instruction_access access;
    const bool known = find_access(vcpu, &access);

    /* The emulator also gives up where it finds no page to fetch from or to lock; then the guest
     * is to learn of the access, not of the emulator. */
    if ((known && tries_again(vcpu, rip, &access)) || !read_events(vcpu, &events))
        return;
    if (known && !is_allowed(vcpu, &access)) {
        refuse_access(vcpu, &events, access.gpa, rip);
        return;
    }
    log_limited(&fault_lines,
                "vCPU %u: this host's KVM cannot emulate the instruction at 0x%llx: #UD",
                vcpu->index, (unsigned long long)rip);
    inject(vcpu, events, VECTOR_UD);
}
