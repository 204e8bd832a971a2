/* SPDX-License-Identifier: MIT
 * What the map path does when the host's kernel refuses for want of memory: gives it the ballast,
 * then waits, ever longer, for what it is freeing itself. */
#ifndef HOLDFAST_MEMORY_RESCUE_H
#define HOLDFAST_MEMORY_RESCUE_H

#include "vmm/memory/ballast.h"
#include "vmm/memory/map_call.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether an errno of a primitive means that another try can succeed. */
bool rescue_may_help(int error);

/* How long to wait before the next try, in nanoseconds; attempt counts from 0. */
uint64_t rescue_pause(uint32_t attempt);

/* Notes a refusal in the call: of which system call, with which errno, at which attempt, counted
 * from 0. Reads the clock at the first one. Writes nothing, takes no lock and cannot fail, for it
 * may be called while a hole is open. */
void rescue_note(struct map_call *call, const char *system_call, int cause, uint32_t attempt);

/* One step between two tries; attempt counts from 0. Gives the kernel the ballast and returns at
 * once, or, where there is none to give, waits as the call says. ballast is NULL where ballast is
 * not for what failed. Allocates nothing. false: the call is given up. */
bool rescue_step(struct map_call *call, struct ballast *ballast, uint32_t attempt);

#endif
