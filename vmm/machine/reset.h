/* SPDX-License-Identifier: MIT
 * Reset. machine_reset() and the guest ask for one; a thread performs it. */
#ifndef HOLDFAST_MACHINE_RESET_H
#define HOLDFAST_MACHINE_RESET_H

/* That thread; the machine is its argument. No vCPU can do this for itself. */
void *reset_thread(void *machine);

#endif
