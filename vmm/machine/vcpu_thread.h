/* SPDX-License-Identifier: MIT
 * The loop of a vCPU over KVM_RUN. */
#ifndef HOLDFAST_MACHINE_VCPU_THREAD_H
#define HOLDFAST_MACHINE_VCPU_THREAD_H

/* The thread of a vCPU, which is the argument. It runs the guest until the machine has ended. */
void *vcpu_thread(void *vcpu);

#endif
