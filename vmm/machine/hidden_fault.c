/* SPDX-License-Identifier: MIT
 * Accesses that the host fails and KVM does not report. Where the guest has interrupts on, KVM
 * fetches a page of an object in the background. It takes no notice of a failure, such as the end
 * of a file that was cut short, and has the guest make the access again, for ever, inside one
 * KVM_RUN. So each vCPU is got out of KVM_RUN whenever it has used some processor time, and the
 * instruction that it stands at is looked at. A vCPU that is idle uses none and is left alone. */
#include "hidden_fault.h"

#include "board.h"
#include "retry.h"
#include "vcpu.h"
#include "vmm/arena/faults.h"
#include "vmm/cause.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#ifndef sigev_notify_thread_id /* the C library names it no better */
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define LOOK_SIGNAL SIGUSR2

/* Of processor time: between two looks, and before the one that is to confirm what was found. */
#define LOOK_NS    50000000L
#define CONFIRM_NS 1000000L

/* How often the same has to be found, for an access that the instruction makes and for one that it
 * may make. */
#define LOOKS_CERTAIN  2u
#define LOOKS_POSSIBLE 16u

/* So many seconds after the last look that found it, it is found for the first time. */
#define LOOKS_TOGETHER 10

static _Thread_local volatile sig_atomic_t look_came;

static void looked(int signal)
{
    (void)signal;
    look_came = 1; /* and KVM_RUN returns */
}

bool hidden_fault_look_came(void)
{
    const bool came = look_came != 0;

    look_came = 0;
    return came;
}

/* Has the next look come after so much processor time, and others after LOOK_NS each. */
static void look_in(struct vcpu *vcpu, long nanoseconds)
{
    const struct itimerspec spans = {.it_value.tv_nsec = nanoseconds,
                                     .it_interval.tv_nsec = LOOK_NS};

    if (atomic_load(&vcpu->has_look_timer))
        timer_settime(vcpu->look_timer, 0, &spans, NULL);
}

static int make_timer(struct vcpu *vcpu, int thread_id)
{
    struct sigevent event = {
        .sigev_notify = SIGEV_THREAD_ID,
        .sigev_signo = LOOK_SIGNAL,
        .sigev_notify_thread_id = thread_id,
    };
    clockid_t clock;

    const int error = pthread_getcpuclockid(vcpu->thread, &clock);
    if (error != 0) {
        errno = error;
        return -1;
    }
    if (timer_create(clock, &event, &vcpu->look_timer) < 0)
        return -1;
    atomic_store(&vcpu->has_look_timer, true);
    look_in(vcpu, LOOK_NS);
    return 0;
}

int hidden_fault_watch(struct vcpu *vcpu, int thread_id, struct error *error)
{
    /* Any other call that the signal interrupts goes on. */
    const struct sigaction action = {.sa_handler = looked, .sa_flags = SA_RESTART};

    sigaction(LOOK_SIGNAL, &action, NULL);
    if (make_timer(vcpu, thread_id) == 0)
        return 0;
    return error_set(error, "cannot make a timer for vCPU %u: %s", vcpu->index,
                     cause_of_timer(errno));
}

void hidden_fault_forget(struct vcpu *vcpu)
{
    if (atomic_load(&vcpu->has_look_timer))
        timer_delete(vcpu->look_timer);
    atomic_store(&vcpu->has_look_timer, false);
}

/* Whether so many looks have found the vCPU at this instruction, with these registers and this page
 * missing. One look would not do: an instruction that is only about to be made may yet be refused
 * by the guest's own page tables. */
static bool is_found_often(struct vcpu *vcpu, uint64_t gpa, uint32_t often)
{
    struct hidden_fault *suspect = &vcpu->suspect;
    const struct kvm_regs *regs = &vcpu->run->s.regs.regs;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const bool again = suspect->gpa == gpa && now.tv_sec - suspect->at <= LOOKS_TOGETHER &&
                       memcmp(&suspect->regs, regs, sizeof *regs) == 0;
    const uint32_t looks = again ? suspect->looks + 1 : 1;
    *suspect = (struct hidden_fault){looks % often, gpa, now.tv_sec, *regs};
    if (looks < often)
        look_in(vcpu, CONFIRM_NS);
    return looks >= often;
}

static bool may_access(const struct vcpu *vcpu, const struct instruction_access *access)
{
    const enum page_rights rights = arena_page_rights(vcpu->machine->arena, access->gpa);

    return rights == PAGE_WRITABLE || (rights == PAGE_READ_ONLY && !access->write);
}

/* Whether the host has no page for an access that the table allows; errno says why. */
static bool is_absent(struct vcpu *vcpu, const struct instruction_access *access)
{
    const bool write = access->write && access->certainty == ACCESS_CERTAIN;

    if (access->certainty == ACCESS_GUESSED ||
        memory_ram_at(vcpu->machine->memory, access->gpa, 1) != NULL || !may_access(vcpu, access))
        return false;
    switch (memory_fetch(vcpu->machine->memory, access->gpa, write)) {
    case MEMORY_ABSENT:
        return true;
    case MEMORY_SHORT:
        wait_for_memory(vcpu, &(struct refusal){SHORT_OF_PAGES, "madvise", ENOMEM, access->gpa},
                        vcpu->refusals++);
        return false;
    case MEMORY_SHORT_OF_TABLES:
        wait_for_memory(vcpu,
                        &(struct refusal){SHORT_OF_HOST_TABLES, "madvise", ENOMEM, access->gpa},
                        vcpu->refusals++);
        return false;
    case MEMORY_PRESENT:
        break;
    }
    return false;
}

bool hidden_fault_found(struct vcpu *vcpu, const struct instruction_accesses *accesses,
                        uint64_t *gpa)
{
    for (uint32_t i = 0; i < accesses->count; i++) {
        const struct instruction_access *access = &accesses->access[i];

        if (!is_absent(vcpu, access))
            continue;
        vcpu->fetch_error = errno;
        *gpa = access->gpa;
        return is_found_often(vcpu, *gpa,
                              access->certainty == ACCESS_CERTAIN ? LOOKS_CERTAIN : LOOKS_POSSIBLE);
    }
    return false;
}
