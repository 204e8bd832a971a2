/* SPDX-License-Identifier: MIT
 * Capabilities of root, which are a thread's own. */
#ifndef HOLDFAST_SANDBOX_CAPABILITIES_H
#define HOLDFAST_SANDBOX_CAPABILITIES_H

#include "vmm/sandbox/sandbox.h"

/* Drops all that the calling thread has and does not need. 0, or -1 with errno. */
int capabilities_enter(enum sandbox_thread thread);

#endif
