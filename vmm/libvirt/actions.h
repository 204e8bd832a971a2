/* SPDX-License-Identifier: MIT
 * What is to follow when the guest does something final, by QEMU's names, and what that is in the
 * machine's. */
#ifndef HOLDFAST_LIBVIRT_ACTIONS_H
#define HOLDFAST_LIBVIRT_ACTIONS_H

#include "vmm/machine/machine.h"

#include <stdbool.h>

struct actions {
    bool pause_at_shutdown;
    bool shutdown_at_reboot;
    enum { PANIC_SHUTDOWN, PANIC_PAUSE, PANIC_EXIT } panic;
};

/* Each word may be NULL or empty: no change. Others must be among QEMU's. */
void actions_change(struct actions *actions, const char *reboot, const char *shutdown,
                    const char *panic);

struct machine_policy actions_policy(const struct actions *actions);

#endif
