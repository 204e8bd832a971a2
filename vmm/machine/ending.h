/* SPDX-License-Identifier: MIT
 * The guest's end, and the machine's. Whoever calls these must not hold the machine's lock. */
#ifndef HOLDFAST_MACHINE_ENDING_H
#define HOLDFAST_MACHINE_ENDING_H

#include "machine.h"

struct vcpu;

/* Ends the machine; the first call wins. Any thread. */
void ending_end(struct machine *machine, enum machine_end end, uint8_t guest_status);

/* Does what the policy wants when the guest ends like this. Any thread. */
void ending_follow(struct machine *machine, enum machine_end end, uint8_t guest_status);

/* The guest has crashed, which is logged with a reason and a number that explains it. On the vCPU's
 * thread. */
void ending_crash(struct vcpu *vcpu, const char *reason, unsigned long long detail);

/* Ends the machine, for a call to KVM has failed; errno says why. */
void ending_host_failed(struct vcpu *vcpu, const char *call);

#endif
