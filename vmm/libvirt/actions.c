/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/actions.h"

#include <string.h>

static bool is(const char *word, const char *wanted)
{
    return word != NULL && strcmp(word, wanted) == 0;
}

void actions_change(struct actions *actions, const char *reboot, const char *shutdown,
                    const char *panic)
{
    if (is(reboot, "reset") || is(reboot, "shutdown"))
        actions->shutdown_at_reboot = is(reboot, "shutdown");
    if (is(shutdown, "pause") || is(shutdown, "poweroff"))
        actions->pause_at_shutdown = is(shutdown, "pause");
    if (is(panic, "shutdown"))
        actions->panic = PANIC_SHUTDOWN;
    else if (is(panic, "exit-failure"))
        actions->panic = PANIC_EXIT;
    else if (is(panic, "pause") || is(panic, "none")) /* a crashed guest cannot go on */
        actions->panic = PANIC_PAUSE;
}

struct machine_policy actions_policy(const struct actions *actions)
{
    const enum machine_action off = actions->pause_at_shutdown ? MACHINE_PAUSES : MACHINE_EXITS;
    const enum machine_action panic = actions->panic == PANIC_PAUSE  ? MACHINE_PAUSES
                                      : actions->panic == PANIC_EXIT ? MACHINE_EXITS
                                                                     : off;

    return (struct machine_policy){
        .on_exit = off,
        .on_poweroff = off,
        .on_reboot = actions->shutdown_at_reboot ? off : MACHINE_RESETS,
        .on_panic = panic,
        .on_crash = panic,
    };
}
