/* SPDX-License-Identifier: MIT
 * Accesses that nothing stands behind. In the arena the guest gets #GP at the instruction that
 * made the access; the VM goes on. KVM reports such accesses in several ways, depending on
 * whether the processor or KVM's emulator made them. */
#include "fault.h"

#include "board.h"
#include "ending.h"
#include "exception.h"
#include "hidden_fault.h"
#include "instruction_context.h"
#include "retry.h"
#include "vcpu.h"
#include "vmm/arena/faults.h"
#include "vmm/events/events.h"
#include "vmm/log.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

static struct log_limit fault_lines;

static void log_refusal(const struct vcpu *vcpu, enum retry verdict, uint64_t gpa, uint64_t rip,
                        uint64_t window)
{
    const unsigned long long at = rip;

    if (gpa == ARENA_GPA_UNKNOWN)
        log_limited(&fault_lines,
                    "vCPU %u: the instruction at 0x%llx touches a page that is not "
                    "mapped, or writes to a read-only one: #GP",
                    vcpu->index, at);
    else if (verdict == RETRY_NO_USE)
        log_limited(
            &fault_lines,
            "vCPU %u: the instruction at 0x%llx touches guest-physical "
            "0x%llx (window 0x%llx), mapped, but after %u tries %s: #GP",
            vcpu->index, at, (unsigned long long)gpa, (unsigned long long)window, vcpu->tries,
            vcpu->fetch_error != 0 ? strerrordesc_np(vcpu->fetch_error) : "KVM does not reach it");
    else
        log_limited(&fault_lines,
                    "vCPU %u: the instruction at 0x%llx touches guest-physical "
                    "0x%llx (window 0x%llx), not mapped or read-only: #GP",
                    vcpu->index, at, (unsigned long long)gpa, (unsigned long long)window);
}

/* Counts and logs the access, then #GP. gpa may be ARENA_GPA_UNKNOWN. */
static void refuse_access(struct vcpu *vcpu, const struct kvm_vcpu_events *events,
                          enum retry verdict, uint64_t gpa, uint64_t rip)
{
    const uint64_t window = arena_count_fault(vcpu->machine->arena, gpa);

    events_record(&(struct event){.kind = EVENT_FAULT,
                                  .vcpu = vcpu->index,
                                  .has_vcpu = true,
                                  .by_guest = true,
                                  .window = window,
                                  .address = gpa != ARENA_GPA_UNKNOWN ? gpa : 0,
                                  .has_address = gpa != ARENA_GPA_UNKNOWN,
                                  .rip = rip},
                  NULL);
    log_refusal(vcpu, verdict, gpa, rip, window);
    /* The guest takes the page for present until it is told. */
    if (verdict == RETRY_NO_USE)
        machine_objects_changed(vcpu->machine);
    vcpu->tries = 0;
    exception_inject(vcpu, *events, VECTOR_GP);
}

static bool in_arena(const struct machine *machine, uint64_t gpa)
{
    const uint64_t base = memory_arena_base(machine->memory);

    return gpa >= base && gpa - base < memory_arena_bytes(machine->memory);
}

/* Whether the processor was delivering an event when it made the access. */
static bool is_delivering(const struct kvm_vcpu_events *events, uint8_t *vector)
{
    if (events->exception.injected != 0)
        *vector = events->exception.nr;
    else if (events->nmi.injected != 0)
        *vector = VECTOR_NMI;
    else if (events->interrupt.injected != 0)
        *vector = events->interrupt.nr;
    else
        return false;
    return true;
}

static void find_accesses(const struct vcpu *vcpu, const struct kvm_vcpu_events *events,
                          struct instruction_accesses *accesses)
{
    const struct instruction_context context = instruction_context_of(vcpu);
    uint8_t vector;

    if (is_delivering(events, &vector))
        instruction_find_delivery(&context, vector, accesses);
    else
        instruction_find_accesses(&context, accesses);
}

void fault_no_page(struct vcpu *vcpu)
{
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct kvm_vcpu_events events;
    struct instruction_accesses accesses;
    uint64_t gpa;

    if (!exception_read(vcpu, &events))
        return;
    find_accesses(vcpu, &events, &accesses);
    const enum retry verdict = retry_access(vcpu, rip, &accesses, &gpa);
    if (verdict == RETRY_NOW)
        arena_count_refusal(vcpu->machine->arena);
    else
        refuse_access(vcpu, &events, verdict, gpa, rip);
}

void fault_look(struct vcpu *vcpu)
{
    const struct instruction_context context = instruction_context_of(vcpu);
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct kvm_vcpu_events events;
    struct instruction_accesses accesses;
    uint8_t vector;
    uint64_t gpa;

    /* Whoever wants the vCPU's attention does not wait for a page of a slow disk. */
    if (atomic_load_explicit(&vcpu->machine->attention, memory_order_acquire) ||
        !exception_read(vcpu, &events))
        return;
    /* While the vCPU delivers an event, KVM fetches no page in the background. */
    if (events.exception.pending != 0 || is_delivering(&events, &vector))
        return;
    instruction_find_accesses(&context, &accesses);
    if (hidden_fault_found(vcpu, &accesses, &gpa))
        refuse_access(vcpu, &events, RETRY_NO_USE, gpa, rip);
}

void fault_no_memory(struct vcpu *vcpu)
{
    arena_count_refusal(vcpu->machine->arena);
    wait_for_memory(vcpu,
                    &(struct refusal){SHORT_OF_GUEST_TABLES, "KVM_RUN", ENOMEM, ARENA_GPA_UNKNOWN},
                    vcpu->refusals++);
}

/* What a vCPU was before the instruction that has left it for an access. */
struct before_access {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_vcpu_events events;
};

#define EFER_LMA (1u << 10)

/* Takes all memory away from an instruction that goes on with what it has read: a copy must not
 * store it. It gets an exception instead, which is taken back. */
static bool keep_from_storing(struct vcpu *vcpu, const struct before_access *before)
{
    struct kvm_sregs sregs = before->sregs;

    sregs.cr3 = MEMORY_HOLE;
    if ((sregs.efer & EFER_LMA) == 0 || ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) == 0)
        return true;
    ending_host_failed(vcpu, "KVM_SET_SREGS");
    return false;
}

/* Finishes the access, as it has to be, and takes back all that it did: what was read may have
 * gone into a control or segment register, or have raised an exception. */
static bool take_back(struct vcpu *vcpu, bool write, struct before_access *before)
{
    if (!write && !keep_from_storing(vcpu, before))
        return false;
    vcpu_complete_exit(vcpu);
    if (memcmp(&before->sregs, &vcpu->run->s.regs.sregs, sizeof before->sregs) != 0 &&
        ioctl(vcpu->fd, KVM_SET_SREGS, &before->sregs) < 0) {
        ending_host_failed(vcpu, "KVM_SET_SREGS");
        return false;
    }
    if (ioctl(vcpu->fd, KVM_SET_REGS, &before->regs) < 0) {
        ending_host_failed(vcpu, "KVM_SET_REGS");
        return false;
    }
    return exception_write(vcpu, before->events);
}

/* Sets regs back to before a store that KVM's emulator has made and moved on from. */
static bool find_store(const struct vcpu *vcpu, struct kvm_regs *regs)
{
    const struct kvm_run *run = vcpu->run;
    const struct instruction_context context = instruction_context_of(vcpu);
    struct instruction_store store = {.gpa = run->mmio.phys_addr, .bytes = run->mmio.len};

    struct registers before;

    memcpy(&store.value, run->mmio.data, sizeof store.value);
    if (instruction_undo_store(&context, &store, &before)) {
        *regs = instruction_context_to_kvm(&before);
        return true;
    }
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
    const struct instruction_accesses accesses = {.count = 1, .access = {access}, .whole = true};
    uint64_t gpa = access.gpa;
    struct before_access before = {.regs = run->s.regs.regs, .sregs = run->s.regs.sregs};

    /* No device is there: as on a bus, writes go nowhere and reads give ones. */
    if (!access.write)
        memset(run->mmio.data, 0xff, sizeof run->mmio.data);
    if (!in_arena(vcpu->machine, access.gpa))
        return;
    const bool found = !access.write || find_store(vcpu, &before.regs);
    if (!exception_read(vcpu, &before.events) || !take_back(vcpu, access.write, &before))
        return;
    /* KVM's emulator takes a page that it could not get for want of memory for a device, too. */
    const enum retry verdict =
        found ? retry_access(vcpu, before.regs.rip, &accesses, &gpa) : RETRY_NOT_ALLOWED;
    if (verdict != RETRY_NOW)
        refuse_access(vcpu, &before.events, verdict, gpa, before.regs.rip);
}

/* Whether an access that is not only guessed goes to the arena. */
static bool touch_arena(const struct machine *machine, const struct instruction_accesses *accesses)
{
    for (uint32_t i = 0; i < accesses->count; i++)
        if (accesses->access[i].certainty != ACCESS_GUESSED &&
            in_arena(machine, accesses->access[i].gpa))
            return true;
    return false;
}

void fault_emulation(struct vcpu *vcpu)
{
    const uint64_t rip = vcpu->run->s.regs.regs.rip;
    struct kvm_vcpu_events events;
    struct instruction_accesses accesses;
    uint64_t gpa;

    if (!exception_read(vcpu, &events))
        return;
    find_accesses(vcpu, &events, &accesses);
    /* The emulator also gives up where it finds no page to fetch from or to lock; then the guest
     * is to learn of the access, not of the emulator. */
    const bool is_in_arena = touch_arena(vcpu->machine, &accesses);
    const enum retry verdict =
        is_in_arena ? retry_emulation(vcpu, rip, &accesses, &gpa) : RETRY_NO_USE;
    if (verdict == RETRY_NOW)
        return;
    if (verdict == RETRY_NOT_ALLOWED || (is_in_arena && vcpu->fetch_error != 0)) {
        refuse_access(vcpu, &events, verdict, gpa, rip);
        return;
    }
    log_limited(&fault_lines,
                "vCPU %u: this host's KVM cannot emulate the instruction at 0x%llx: #UD",
                vcpu->index, (unsigned long long)rip);
    exception_inject(vcpu, events, VECTOR_UD);
}
