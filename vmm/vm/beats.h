/* SPDX-License-Identifier: MIT
 * The watchdog's beats, which must come through in a full memory cgroup, too: a datagram takes
 * memory of the kernel's. A few pages are set aside for it, and with each that is given back the
 * supervisor is told to wait for longer. */
#ifndef HOLDFAST_VM_BEATS_H
#define HOLDFAST_VM_BEATS_H

#include "vmm/error.h"

#include <stdbool.h>

/* Sets the pages aside. 0, or -1 with the error set: there is no memory. */
int beats_prepare(struct error *error);

/* Says one. false: it did not come through, and is due again soon. The watchdog's thread alone. */
bool beats_say(void);

void beats_end(void);

#endif
