/* SPDX-License-Identifier: MIT
 * Getting all vCPUs out of KVM_RUN and back in: kick and hold, pause and resume. */
#include "lifecycle.h"

#include "board.h"
#include "vcpu.h"
#include "vmm/arena/calls.h"
#include "vmm/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define KICK_SIGNAL SIGUSR1

static void kicked(int signal)
{
    (void)signal; /* its arrival is all that matters: KVM_RUN returns */
}

void lifecycle_prepare_signal(void)
{
    const struct sigaction action = {.sa_handler = kicked};

    sigaction(KICK_SIGNAL, &action, NULL);
}

void lifecycle_kick(struct machine *machine)
{
    atomic_store(&machine->attention, true);
    for (uint32_t i = 0; machine->vcpu != NULL && i < machine->vcpus; i++) {
        struct vcpu *vcpu = &machine->vcpu[i];
        if (!vcpu->has_thread)
            continue;
        /* The flag catches a vCPU that is about to enter KVM_RUN, the signal one that is in. */
        *(volatile uint8_t *)&vcpu->run->immediate_exit = 1;
        pthread_kill(vcpu->thread, KICK_SIGNAL);
    }
    pthread_cond_broadcast(&machine->changed);
}

static const enum event_kind kinds[] = {
    [MACHINE_DID_PAUSE] = EVENT_PAUSED,
    [MACHINE_DID_RESUME] = EVENT_RESUMED,
    [MACHINE_DID_RESET] = EVENT_RESET,
    [MACHINE_GUEST_IS_OVER] = EVENT_GUEST_ENDED,
};

void lifecycle_record(enum event_kind kind, enum machine_end how, bool by_guest)
{
    static const char *const ends[] = {
        [MACHINE_GUEST_EXIT] = "exit", [MACHINE_POWERED_OFF] = "power off",
        [MACHINE_REBOOTED] = "reboot", [MACHINE_PANICKED] = "panic",
        [MACHINE_STOPPED] = "stop",    [MACHINE_CRASHED] = "crash",
        [MACHINE_FAILED] = "failure",
    };
    const bool has_ended = kind == EVENT_GUEST_ENDED || kind == EVENT_VM_ENDS;
    events_record(&(struct event){.kind = kind, .by_guest = by_guest},
                  has_ended ? ends[how] : NULL);
}

void lifecycle_tell(const struct machine *machine, struct machine_news news)
{
    lifecycle_record(kinds[news.event], news.how, news.by_guest);
    if (machine->listener.tell != NULL)
        machine->listener.tell(machine->listener.who, &news);
}

void lifecycle_begin(struct vcpu *vcpu)
{
    struct machine *machine = vcpu->machine;
    char name[16];

    snprintf(name, sizeof name, "vcpu %u", vcpu->index);
    pthread_setname_np(pthread_self(), name);
    pthread_mutex_lock(&machine->lock);
    atomic_store(&vcpu->thread_id, gettid());
    pthread_cond_broadcast(&machine->changed);
    pthread_mutex_unlock(&machine->lock);
}

bool lifecycle_may_run(struct vcpu *vcpu)
{
    struct machine *machine = vcpu->machine;

    if (!atomic_load_explicit(&machine->attention, memory_order_acquire))
        return true;

    pthread_mutex_lock(&machine->lock);
    if (vcpu->exit_incomplete && !machine->ended) {
        /* KVM_RUN completes the access and returns before it runs the guest any further, unless
         * the access leads to another one, which is to be answered as well. */
        *(volatile uint8_t *)&vcpu->run->immediate_exit = 1;
    } else if (machine->hold != 0 && !machine->ended) {
        machine->parked++;
        pthread_cond_broadcast(&machine->changed);
        while (machine->hold != 0 && !machine->ended)
            pthread_cond_wait(&machine->changed, &machine->lock);
        machine->parked--;
    }
    const bool may_run = !machine->ended;
    pthread_mutex_unlock(&machine->lock);
    return may_run;
}

/* The lock is held. */
static bool goes_on(const struct machine *machine)
{
    return !machine->ended && (machine->hold & HOLD_RESET) == 0;
}

bool lifecycle_wait(struct vcpu *vcpu, uint64_t nanoseconds)
{
    struct machine *machine = vcpu->machine;
    const struct timespec pause = {.tv_nsec = (long)nanoseconds};

    pthread_mutex_lock(&machine->lock);
    if (goes_on(machine)) {
        machine->waiting++;
        if (machine->hold != 0)
            pthread_cond_broadcast(&machine->changed);
        pthread_mutex_unlock(&machine->lock);
        nanosleep(&pause, NULL); /* a kick ends it */
        pthread_mutex_lock(&machine->lock);
        machine->waiting--;
    }
    const bool result = goes_on(machine);
    pthread_mutex_unlock(&machine->lock);
    return result;
}

bool lifecycle_wait_in_call(const struct arena_caller *caller, uint64_t nanoseconds)
{
    return lifecycle_wait(caller->who, nanoseconds);
}

bool lifecycle_pause_in_call(const struct arena_caller *caller)
{
    struct machine *machine = ((struct vcpu *)caller->who)->machine;

    if (!atomic_load_explicit(&machine->attention, memory_order_acquire))
        return true;
    pthread_mutex_lock(&machine->lock);
    machine->waiting++;
    pthread_cond_broadcast(&machine->changed);
    while (machine->hold != 0 && goes_on(machine))
        pthread_cond_wait(&machine->changed, &machine->lock);
    machine->waiting--;
    const bool result = goes_on(machine);
    pthread_mutex_unlock(&machine->lock);
    return result;
}

void lifecycle_let_go(struct machine *machine, unsigned reasons)
{
    machine->hold &= ~reasons;
    if (machine->hold == 0 && !machine->ended)
        atomic_store(&machine->attention, false);
    pthread_cond_broadcast(&machine->changed);
}

bool machine_pause(struct machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    const bool ran = machine->hold == 0 && !machine->ended;
    machine->hold |= HOLD_PAUSE;
    lifecycle_kick(machine);
    /* Another thread may resume it meanwhile, and then no vCPU ever comes to wait. */
    while ((machine->hold & HOLD_PAUSE) != 0 && !vcpus_are_stopped(machine) && !machine->ended)
        pthread_cond_wait(&machine->changed, &machine->lock);
    const bool held = !machine->ended;
    if (ran && held && (machine->hold & HOLD_PAUSE) != 0)
        lifecycle_tell(machine, (struct machine_news){.event = MACHINE_DID_PAUSE});
    pthread_mutex_unlock(&machine->lock);
    return held;
}

bool machine_resume(struct machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    const unsigned held = machine->hold & (HOLD_PAUSE | HOLD_OVER);
    const bool over = (held & HOLD_OVER) != 0 && machine->over != MACHINE_PANICKED;
    const bool runs = !machine->ended && !over;
    if (runs && held != 0) {
        lifecycle_let_go(machine, held);
        lifecycle_tell(machine, (struct machine_news){.event = MACHINE_DID_RESUME});
    }
    pthread_mutex_unlock(&machine->lock);
    return runs;
}

void lifecycle_request_reset(struct machine *machine, bool by_guest)
{
    machine->hold |= HOLD_RESET;
    machine->reset_by_guest = by_guest;
    lifecycle_kick(machine);
}

void machine_objects_changed(struct machine *machine)
{
    struct kvm_irq_level line = {.irq = EVENTS_GSI, .level = 1};

    /* The lock keeps a reset from restoring the interrupt controllers in the middle of it. */
    pthread_mutex_lock(&machine->lock);
    int result = ioctl(machine->kvm->vm_fd, KVM_IRQ_LINE, &line);
    line.level = 0;
    if (result == 0)
        result = ioctl(machine->kvm->vm_fd, KVM_IRQ_LINE, &line);
    pthread_mutex_unlock(&machine->lock);
    if (result < 0)
        log_line("cannot raise the change interrupt: %s", strerror(errno));
}

enum machine_state machine_state(struct machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    const enum machine_state state = machine->ended ? MACHINE_ENDED
                                     : (machine->hold & (HOLD_PAUSE | HOLD_OVER)) != 0
                                         ? MACHINE_PAUSED
                                         : MACHINE_RUNNING;
    pthread_mutex_unlock(&machine->lock);
    return state;
}
