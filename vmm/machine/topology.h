/* SPDX-License-Identifier: MIT
 * What CPUID tells about processors: one package of as many cores as there are vCPUs, one thread
 * each, numbered as their APIC ids. */
#ifndef HOLDFAST_MACHINE_TOPOLOGY_H
#define HOLDFAST_MACHINE_TOPOLOGY_H

#include <linux/kvm.h>
#include <stdint.h>

/* The most leaves that topology_set() adds. */
#define TOPOLOGY_LEAVES 3u

/* Changes what KVM supports, the host's topology, into that of this vCPU. There must be room for
 * the leaves that are added. Cannot fail. */
void topology_set(struct kvm_cpuid2 *cpuid, uint32_t index, uint32_t vcpus);

#endif
