/* SPDX-License-Identifier: MIT
 * Waiting for the reply to what was just sent. */
#ifndef HOLDFAST_CLIENT_WAIT_H
#define HOLDFAST_CLIENT_WAIT_H

#include "holdfast/client.h"

/* holdfast_wait() for what holdfast_send_...() has returned; 0: HOLDFAST_TOO_MANY. */
const struct holdfast_reply *wait_for(struct holdfast *connection, uint64_t number);

#endif
