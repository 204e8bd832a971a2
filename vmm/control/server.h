/* SPDX-License-Identifier: MIT
 * The loop that accepts clients and serves them. */
#ifndef HOLDFAST_CONTROL_SERVER_H
#define HOLDFAST_CONTROL_SERVER_H

#include "vmm/control/client.h"
#include "vmm/control/service.h"

#include <stdint.h>
#include <sys/types.h>

#define SERVER_CLIENTS 16u
#define SERVER_POLLED  (SERVER_CLIENTS + 2) /* descriptors that it waits for at once */

/* Bytes of buffers for all clients; pages that no client needs are never touched. */
#define SERVER_BUFFERS (SERVER_CLIENTS * (CLIENT_INPUT_ROOM + CLIENT_OUTPUT_ROOM))

struct server {
    struct service *service;
    int listener;
    gid_t group;           /* whose members may control the VM, too; (gid_t)-1: nobody else's */
    int stop;              /* an eventfd: readable when the loop has to end */
    uint64_t accept_again; /* no descriptors were left: do not accept before this time */
    struct client clients[SERVER_CLIENTS];
};

/* listener: non-blocking; group: see struct server; buffers: SERVER_BUFFERS bytes. Cannot fail. */
void server_init(struct server *server, struct service *service, int listener, gid_t group,
                 int stop, uint8_t *buffers);

/* Serves until stop becomes readable. Clients stay connected. */
void server_run(struct server *server);

/* Disconnects every client. */
void server_end(struct server *server);

#endif
