/* SPDX-License-Identifier: MIT
 * Waiting for the reply to what was just sent. */
#ifndef HOLDFAST_CLIENT_WAIT_H
#define HOLDFAST_CLIENT_WAIT_H

#include "vmm/client/connection.h"

/* Sends by holdfast_send_...(), and waits for the reply, which no other thread can take. */
#define WAIT_FOR(connection, send) (request_reserve_next(), wait_for(connection, send))

/* 0: HOLDFAST_TOO_MANY. */
const struct holdfast_reply *wait_for(struct holdfast *connection, uint64_t number);

#endif
