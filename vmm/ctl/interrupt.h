/* SPDX-License-Identifier: MIT
 * Signals that end a command which goes on until then, in order. */
#ifndef HOLDFAST_CTL_INTERRUPT_H
#define HOLDFAST_CTL_INTERRUPT_H

#include "holdfast/client.h"

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP do not end the program. */
void interrupt_catch(void);

/* Has such a signal end the calls of this connection, too; NULL: of none. Takes it back before the
 * connection is closed. */
void interrupt_ends(struct holdfast *connection);

/* Whether there was one, or interrupt_now() was called. */
bool interrupt_was_there(void);
void interrupt_now(void);

#endif
