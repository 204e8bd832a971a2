/* SPDX-License-Identifier: MIT
 * Whose rights a thread has: a user's, and capabilities, both of which are a thread's own. */
#ifndef HOLDFAST_SANDBOX_CAPABILITIES_H
#define HOLDFAST_SANDBOX_CAPABILITIES_H

#include "vmm/sandbox/sandbox.h"

#include <stddef.h>

/* Before any thread enters: does what takes capabilities and can be done ahead. 0, or -1 with why
 * some thread has to keep one. */
int capabilities_prepare(char *why_not, size_t room);

/* Has the calling thread become the user that was chosen, and drops all capabilities that it does
 * not need. 0, or -1 with errno. */
int capabilities_enter(enum sandbox_thread thread);

#endif
