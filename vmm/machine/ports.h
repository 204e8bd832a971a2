/* SPDX-License-Identifier: MIT
 * The guest's accesses to I/O ports. */
#ifndef HOLDFAST_MACHINE_PORTS_H
#define HOLDFAST_MACHINE_PORTS_H

struct vcpu;

/* Answers KVM_EXIT_IO. On the vCPU's thread; cannot fail. */
void vcpu_port_access(struct vcpu *vcpu);

#endif
