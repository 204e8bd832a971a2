/* SPDX-License-Identifier: MIT
 * The loop that accepts clients and serves them. */
#ifndef HOLDFAST_CONTROL_SERVER_H
#define HOLDFAST_CONTROL_SERVER_H

#include "vmm/control/desk.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVER_CLIENTS 16u
#define SERVER_POLLED  (SERVER_CLIENTS + 3) /* descriptors that it waits for at once */

/* Bytes of buffers for all clients; pages that no client needs are never touched. */
#define SERVER_BUFFERS (SERVER_CLIENTS * (CLIENT_INPUT_ROOM + CLIENT_OUTPUT_ROOM))

struct server {
    struct desk desk;
    int listener;
    uid_t owner;             /* of the VM: the one who has started it */
    gid_t group;             /* whose members may control the VM, too; (gid_t)-1: nobody else's */
    int stop;                /* an eventfd: readable when the loop has to end */
    int done;                /* an eventfd: readable when a worker is done */
    uint64_t accept_again;   /* no descriptors were left: do not accept before this time */
    uint64_t connections;    /* accepted so far */
    _Atomic uint64_t rounds; /* of the loop */
    _Atomic int thread_id;   /* of the loop; 0: it has not begun */
    uint32_t first;          /* whose turn it is when a worker is free */
    struct client clients[SERVER_CLIENTS];
};

/* What is set before: desk, listener (non-blocking), group, stop, done. buffers: SERVER_BUFFERS
 * bytes. Cannot fail. */
void server_init(struct server *server, uint8_t *buffers);

/* Serves until stop becomes readable. Clients stay connected. */
void server_run(struct server *server);

/* Disconnects every client. */
void server_end(struct server *server);

/* Closes what clients have handed over and nobody has taken. May have to wait. */
void server_close_descriptors(struct server *server);

#endif
