/* SPDX-License-Identifier: MIT
 * The stacks of threads on which the map path runs: the process is locked in memory before they
 * exist, and a page of stack that is touched for the first time may never come. Then the kernel
 * ends the process by SIGSEGV, if it is for a signal's frame; so this is done without the
 * guarantee, too. */
#ifndef HOLDFAST_MEMORY_STACK_H
#define HOLDFAST_MEMORY_STACK_H

/* Makes as much of the calling thread's stack present as any call of the VMM uses, and locks it
 * where that is permitted. To be called at the bottom of the thread. */
void stack_set_aside(void);

#endif
