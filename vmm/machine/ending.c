/* SPDX-License-Identifier: MIT
 * The guest's end, in whichever way, and what the policy makes of it; the machine's end. */
#include "ending.h"

#include "board.h"
#include "input.h"
#include "lifecycle.h"
#include "vcpu.h"
#include "vmm/cause.h"
#include "vmm/log.h"

#include <errno.h>
#include <unistd.h>

void machine_listen(struct machine *machine, struct machine_listener listener)
{
    pthread_mutex_lock(&machine->lock);
    machine->listener = listener;
    pthread_mutex_unlock(&machine->lock);
}

void machine_set_policy(struct machine *machine, struct machine_policy policy)
{
    pthread_mutex_lock(&machine->lock);
    machine->policy = policy;
    pthread_mutex_unlock(&machine->lock);
}

/* The lock is held. */
static void end(struct machine *machine, enum machine_end how, uint8_t guest_status)
{
    const uint64_t one = 1;

    if (machine->ended)
        return;
    machine->ended = true;
    machine->end = how;
    machine->guest_status = guest_status;
    lifecycle_record(EVENT_VM_ENDS, how, false);
    lifecycle_kick(machine);
    const ssize_t written = write(machine->end_fd, &one, sizeof one);
    (void)written; /* an eventfd takes 8 bytes */
    input_wake(machine);
}

void ending_end(struct machine *machine, enum machine_end how, uint8_t guest_status)
{
    pthread_mutex_lock(&machine->lock);
    end(machine, how, guest_status);
    pthread_mutex_unlock(&machine->lock);
}

static enum machine_action action_for(const struct machine_policy *policy, enum machine_end how)
{
    switch (how) {
    case MACHINE_GUEST_EXIT:
        return policy->on_exit;
    case MACHINE_POWERED_OFF:
        return policy->on_poweroff;
    case MACHINE_REBOOTED:
        return policy->on_reboot;
    case MACHINE_PANICKED:
        return policy->on_panic;
    case MACHINE_CRASHED:
        return policy->on_crash;
    case MACHINE_STOPPED:
    case MACHINE_FAILED:
        break;
    }
    return MACHINE_EXITS;
}

/* The lock is held. */
static void wait_for_operator(struct machine *machine, enum machine_end how)
{
    const bool ran = machine->hold == 0;

    machine->hold |= HOLD_OVER;
    machine->over = how;
    lifecycle_kick(machine);
    if (ran)
        lifecycle_tell(machine, (struct machine_news){.event = MACHINE_DID_PAUSE});
}

static void follow(struct machine *machine, enum machine_end how, uint8_t guest_status,
                   bool by_guest)
{
    const enum machine_action action = action_for(&machine->policy, how);

    /* What several vCPUs do at once is one end; a reset that was asked for ends it, too. */
    const unsigned over = by_guest ? HOLD_OVER | HOLD_RESET : HOLD_OVER;
    if (machine->ended || (machine->hold & over) != 0)
        return;
    if (how != MACHINE_REBOOTED || action != MACHINE_RESETS)
        lifecycle_tell(machine, (struct machine_news){MACHINE_GUEST_IS_OVER, how, by_guest});
    switch (action) {
    case MACHINE_EXITS:
        end(machine, how, guest_status);
        break;
    case MACHINE_RESETS:
        lifecycle_request_reset(machine, by_guest);
        break;
    case MACHINE_PAUSES:
        wait_for_operator(machine, how);
        break;
    }
}

void ending_follow(struct machine *machine, enum machine_end how, uint8_t guest_status)
{
    pthread_mutex_lock(&machine->lock);
    follow(machine, how, guest_status, true);
    pthread_mutex_unlock(&machine->lock);
}

void ending_crash(struct vcpu *vcpu, const char *reason, unsigned long long detail)
{
    log_line("vCPU %u at rip 0x%llx: %s (0x%llx)", vcpu->index,
             (unsigned long long)vcpu->run->s.regs.regs.rip, reason, detail);
    ending_follow(vcpu->machine, MACHINE_CRASHED, 0);
}

void ending_host_failed(struct vcpu *vcpu, const char *call)
{
    log_line("vCPU %u: %s: %s", vcpu->index, call, cause_text(errno));
    ending_end(vcpu->machine, MACHINE_FAILED, 0);
}

void machine_power_off(struct machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    follow(machine, MACHINE_POWERED_OFF, 0, false);
    pthread_mutex_unlock(&machine->lock);
}

void machine_stop(struct machine *machine)
{
    ending_end(machine, MACHINE_STOPPED, 0);
}

enum machine_end machine_wait(struct machine *machine, uint8_t *guest_status)
{
    pthread_mutex_lock(&machine->lock);
    while (!machine->ended)
        pthread_cond_wait(&machine->changed, &machine->lock);
    *guest_status = machine->guest_status;
    const enum machine_end how = machine->end;
    pthread_mutex_unlock(&machine->lock);
    return how;
}

bool machine_waits(struct machine *machine, enum machine_end *how)
{
    pthread_mutex_lock(&machine->lock);
    const bool waits = !machine->ended && (machine->hold & HOLD_OVER) != 0;
    *how = machine->over;
    pthread_mutex_unlock(&machine->lock);
    return waits;
}
