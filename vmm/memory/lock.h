/* SPDX-License-Identifier: MIT
 * Locking in memory where that is limited (RLIMIT_MEMLOCK): what can do without must not take what
 * others need. */
#ifndef HOLDFAST_MEMORY_LOCK_H
#define HOLDFAST_MEMORY_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/* Makes and locks all pages of a mapping, unless the limit would then not leave enough for the
 * control service and the threads' stacks. false with errno: not locked. */
bool lock_in_memory(const void *memory, size_t bytes);

/* The same for all that the process has mapped now. */
bool lock_all_in_memory(void);

#endif
