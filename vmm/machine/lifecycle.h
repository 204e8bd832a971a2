/* SPDX-License-Identifier: MIT
 * Getting all vCPUs out of KVM_RUN and back in. */
#ifndef HOLDFAST_MACHINE_LIFECYCLE_H
#define HOLDFAST_MACHINE_LIFECYCLE_H

#include "machine.h"
#include "vmm/events/events.h"

#include <stdbool.h>
#include <stdint.h>

struct arena_caller;
struct vcpu;

/* ---- with the lock held ---- */

/* Makes every vCPU look at hold and ended. */
void lifecycle_kick(struct machine *machine);

/* Asks for a reset, before which no vCPU runs any further. */
void lifecycle_request_reset(struct machine *machine, bool by_guest);

/* Takes back reasons to hold the vCPUs, of enum hold. They run when none is left. */
void lifecycle_let_go(struct machine *machine, unsigned reasons);

/* Records an event for operators who watch; how only where something has ended. Waits for nothing.
 */
void lifecycle_record(enum event_kind kind, enum machine_end how, bool by_guest);

/* Has the listener told, and records it. */
void lifecycle_tell(const struct machine *machine, struct machine_news news);

/* ---- by a vCPU's thread ---- */

/* Makes the thread's ID known. The first that a vCPU's thread does. */
void lifecycle_begin(struct vcpu *vcpu);

/* Called by a vCPU's thread before each KVM_RUN that follows a change: waits while the machine is
 * held. false: the machine has ended. */
bool lifecycle_may_run(struct vcpu *vcpu);

/* Called by a vCPU's thread that runs no guest while the host is short of memory: waits so many
 * nanoseconds, or less. A pause does not wait for it. false: the VM is being reset or has ended,
 * and what the vCPU is doing is to be given up. */
bool lifecycle_wait(struct vcpu *vcpu, uint64_t nanoseconds);
/* The same for a call; caller->who is the vCPU. */
bool lifecycle_wait_in_call(const struct arena_caller *caller, uint64_t nanoseconds);

/* Called between two steps of a long call, as arena_caller says: a pause waits for no more than the
 * step, and the call goes on after it. */
bool lifecycle_pause_in_call(const struct arena_caller *caller);

/* ---- before the threads begin ---- */

/* The signal that gets a vCPU's thread out of KVM_RUN. */
void lifecycle_prepare_signal(void);

#endif
