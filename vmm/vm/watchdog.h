/* SPDX-License-Identifier: MIT
 * Tells whoever supervises the process, time and again, that its threads get on: the control
 * service answers, and each vCPU runs its guest, waits for what it is known to wait for, or comes
 * on with what it does. A thread that the host's kernel keeps waiting is none that is stuck; one
 * that waits for another thread of the VMM is, unless the host keeps one of these waiting. */
#ifndef HOLDFAST_VM_WATCHDOG_H
#define HOLDFAST_VM_WATCHDOG_H

#include "vmm/error.h"

struct options;
struct vm;

/* Starts the thread if a watchdog is wanted, notify_watchdog_ns(). After machine_start(), before
 * the sandbox is closed. 0, or -1 with the error set: no thread or no memory to be had. */
int watchdog_start(const struct vm *vm, const struct options *options, struct error *error);

/* Before threads are ended. Cannot fail; also where none was started. */
void watchdog_stop(void);

#endif
