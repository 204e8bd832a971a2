/* SPDX-License-Identifier: MIT
 * The end of a VM one of whose threads made a forbidden call. */
#ifndef HOLDFAST_SANDBOX_TRAP_H
#define HOLDFAST_SANDBOX_TRAP_H

#include "vmm/sandbox/sandbox.h"

/* Before the filters are loaded: a forbidden call ends the process from then on, with a line that
 * names thread and call and exit status 125. Allocates. Cannot fail. */
void trap_prepare(void);

/* Of the calling thread, for that line. Lets the signal through that a forbidden call sends. */
void trap_enter(enum sandbox_thread thread);

#endif
