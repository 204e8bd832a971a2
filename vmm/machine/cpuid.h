/* SPDX-License-Identifier: MIT
 * What CPUID tells the guest. */
#ifndef HOLDFAST_MACHINE_CPUID_H
#define HOLDFAST_MACHINE_CPUID_H

struct error;
struct vcpu;

/* Before the vCPU runs first. 0, or -1 with the error set. */
int vcpu_set_cpuid(struct vcpu *vcpu, struct error *error);

#endif
