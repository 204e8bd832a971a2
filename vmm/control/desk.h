/* SPDX-License-Identifier: MIT
 * Where clients' requests go: what waits for nothing is answered here, the rest by a worker.
 * Nothing here waits. */
#ifndef HOLDFAST_CONTROL_DESK_H
#define HOLDFAST_CONTROL_DESK_H

#include "vmm/control/client.h"
#include "vmm/control/worker.h"

#include <stdbool.h>
#include <stdint.h>

struct desk {
    struct service *service;
    struct answerer answerer;
    struct worker *workers; /* [WORKERS] */
    uint64_t turns;         /* requests that were handed to them */
};

/* Answers the client's next request, or hands it to a worker, if a whole one is there and no other
 * of its requests is under way. One for which no worker is free stays where it is; desk_serve() is
 * to be called again when one is done, or the time is over. */
void desk_serve(struct desk *desk, struct client *client, uint64_t now);

/* Gives the clients the answers that are ready, and frees their workers. */
void desk_deliver(struct desk *desk, struct client *clients, uint32_t count, uint64_t now);

/* For a client that is gone: ends its drill. */
void desk_forget(struct desk *desk, uint64_t number);

/* Has a descriptor closed that nobody has asked for; false: not yet, no worker is free. */
bool desk_close(struct desk *desk, int descriptor);

#endif
