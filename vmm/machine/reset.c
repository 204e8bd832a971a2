/* SPDX-License-Identifier: MIT
 * Reset, and the thread that performs it. */
#include "reset.h"

#include "board.h"
#include "clock.h"
#include "ending.h"
#include "input.h"
#include "lifecycle.h"
#include "vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/log.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Waits until no vCPU is in KVM_RUN. false: the machine has ended. The lock is held. */
static bool wait_until_parked(struct machine *machine)
{
    while (machine->parked < machine->vcpus && !machine->ended)
        pthread_cond_wait(&machine->changed, &machine->lock);
    return !machine->ended;
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
    struct machine *machine = caller->who;
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
    const struct arena_caller caller = {.vcpu_fd = -1, .who = machine, .wait = wait_in_reset};

    pthread_mutex_unlock(&machine->lock);
    arena_reset(machine->arena, &caller);
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
    input_drive_serial_line(machine);
    input_drive_power_line(machine);
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

void *reset_thread(void *argument)
{
    struct machine *machine = argument;

    sandbox_enter(SANDBOX_RESET);
    pthread_mutex_lock(&machine->lock);
    while (!machine->ended) {
        if ((machine->hold & HOLD_RESET) == 0) {
            pthread_cond_wait(&machine->changed, &machine->lock);
        } else if (wait_until_parked(machine)) {
            release_windows(machine);
            if (machine->ended)
                break;
            if (power_on_again(machine) == 0) {
                lifecycle_let_go(machine, HOLD_RESET);
                continue;
            }
            log_line_about(&log_error, "cannot reset the VM: %s", strerror(errno));
            pthread_mutex_unlock(&machine->lock);
            ending_end(machine, MACHINE_FAILED, 0);
            pthread_mutex_lock(&machine->lock);
        }
    }
    pthread_mutex_unlock(&machine->lock);
    return NULL;
}
