/* SPDX-License-Identifier: MIT
 * Pause, resume, reset: getting all vCPUs out of KVM_RUN and back in. */
#include "board.h"
#include "vmm/log.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
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

void lifecycle_tell(const struct machine *machine, struct machine_news news)
{
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
    if (vcpu->unsettled && !machine->ended) {
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
    const char *vcpu = (const char *)caller - offsetof(struct vcpu, caller);

    return lifecycle_wait((struct vcpu *)(uintptr_t)vcpu, nanoseconds);
}

/* Waits until no vCPU is in KVM_RUN. false: the machine has ended. The lock is held. */
static bool wait_until_parked(struct machine *machine)
{
    while (machine->parked < machine->vcpus && !machine->ended)
        pthread_cond_wait(&machine->changed, &machine->lock);
    return !machine->ended;
}

/* The lock is held. */
static void let_go(struct machine *machine, unsigned reason)
{
    machine->hold &= ~reason;
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
        let_go(machine, held);
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

bool machine_reset(struct machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    /* Not until the request is gone: by then a guest may have asked for the next one. */
    const uint64_t before = machine->resets;
    lifecycle_request_reset(machine, false);
    while (machine->resets == before && !machine->ended)
        pthread_cond_wait(&machine->changed, &machine->lock);
    const bool done = !machine->ended;
    pthread_mutex_unlock(&machine->lock);
    return done;
}

static bool wait_in_reset(const struct arena_caller *caller, uint64_t nanoseconds)
{
    const char *machine_at = (const char *)caller - offsetof(struct machine, resetter);
    struct machine *machine = (struct machine *)(uintptr_t)machine_at;
    const struct timespec pause = {.tv_nsec = (long)nanoseconds};

    nanosleep(&pause, NULL);
    pthread_mutex_lock(&machine->lock);
    const bool goes_on = !machine->ended;
    pthread_mutex_unlock(&machine->lock);
    return goes_on;
}

/* Without the lock, so that the VM can be stopped while the host is short of memory. All vCPUs are
 * parked, and stay so while a reset is asked for. The lock is held before and after. */
static void release_windows(struct machine *machine)
{
    machine->resetter = (struct arena_caller){.vcpu_fd = -1, .wait = wait_in_reset};
    pthread_mutex_unlock(&machine->lock);
    arena_reset(machine->arena, &machine->resetter);
    pthread_mutex_lock(&machine->lock);
}

/* All vCPUs are parked and the lock is held. */
static int power_on_again(struct machine *machine)
{
    pthread_mutex_lock(&machine->devices_lock);
    serial_reset(&machine->serial);
    power_reset(&machine->power);
    clock_reset(machine);
    keyboard_reset(&machine->keyboard);
    input_settle(machine);
    input_settle_power(machine);
    pthread_mutex_unlock(&machine->devices_lock);
    boot_load(&machine->image, machine->memory);
    if (power_on_restore_chips(machine->kvm->vm_fd, &machine->chips_at_power_on) < 0)
        return -1;
    for (uint32_t i = 0; i < machine->vcpus; i++)
        if (power_on_restore_vcpu(machine->vcpu[i].fd, &machine->vcpu[i].at_power_on) < 0)
            return -1;
    machine->resets++;
    if ((machine->hold & HOLD_OVER) != 0)
        machine->hold = (machine->hold & ~(unsigned)HOLD_OVER) | HOLD_PAUSE;
    lifecycle_tell(machine, (struct machine_news){.event = MACHINE_DID_RESET,
                                                  .by_guest = machine->reset_by_guest});
    return 0;
}

void *lifecycle_keeper(void *argument)
{
    struct machine *machine = argument;

    pthread_mutex_lock(&machine->lock);
    while (!machine->ended) {
        if ((machine->hold & HOLD_RESET) == 0) {
            pthread_cond_wait(&machine->changed, &machine->lock);
        } else if (wait_until_parked(machine)) {
            release_windows(machine);
            if (machine->ended)
                break;
            if (power_on_again(machine) == 0) {
                let_go(machine, HOLD_RESET);
                continue;
            }
            log_line("cannot reset the VM: %s", strerror(errno));
            pthread_mutex_unlock(&machine->lock);
            lifecycle_end(machine, MACHINE_FAILED, 0);
            pthread_mutex_lock(&machine->lock);
        }
    }
    pthread_mutex_unlock(&machine->lock);
    return NULL;
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
