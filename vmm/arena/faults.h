/* SPDX-License-Identifier: MIT
 * What vCPUs ask the arena when KVM has failed an access of the guest's, and what they have
 * counted. Cannot fail. */
#ifndef HOLDFAST_ARENA_FAULTS_H
#define HOLDFAST_ARENA_FAULTS_H

#include "vmm/windows/windows.h"

#include <stdint.h>

struct arena;

/* Counts an access that will be answered with #GP. gpa: the address if it is known, else
 * ARENA_GPA_UNKNOWN. Returns the handle of the window it lies in, or 0. */
#define ARENA_GPA_UNKNOWN UINT64_MAX
uint64_t arena_count_fault(struct arena *arena, uint64_t gpa);

/* What the guest may do with an address of the arena, by the table. */
enum page_rights arena_page_rights(struct arena *arena, uint64_t gpa);

/* Counts a refusal of the host's kernel, for want of memory, to run a vCPU. */
void arena_count_refusal(struct arena *arena);

#endif
