/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static volatile sig_atomic_t interrupted;
static struct holdfast *_Atomic waiting; /* a call of which may keep us */

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
    holdfast_interrupt(atomic_load(&waiting));
}

/* SA_RESTART is not wanted: poll() has to return. */
void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

void interrupt_ends(struct holdfast *connection)
{
    atomic_store(&waiting, connection);
    /* A signal may have come before. */
    if (interrupted)
        holdfast_interrupt(connection);
}

bool interrupt_was_there(void)
{
    return interrupted != 0;
}

void interrupt_now(void)
{
    interrupted = 1;
}
