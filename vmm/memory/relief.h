/* SPDX-License-Identifier: MIT
 * What the map path does when the host's kernel refuses for want of memory: gives it the ballast,
 * then waits, ever longer, for what it is freeing itself. */
#ifndef HOLDFAST_MEMORY_RELIEF_H
#define HOLDFAST_MEMORY_RELIEF_H

#include "ballast.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether an errno of a primitive means that another try can succeed. */
bool relief_may_help(int error);

/* One step between two tries; attempt counts from 0. Returns at once when the ballast was lent.
 * ballast is NULL where the failure was that of a drill. Allocates nothing, cannot fail. */
void relief_step(struct ballast *ballast, uint32_t attempt);

#endif
