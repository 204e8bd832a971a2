/* SPDX-License-Identifier: MIT
 * HTTP: GET and HEAD of / and /metrics, and nothing else.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_EXPORTER_SERVER_H
#define HOLDFAST_EXPORTER_SERVER_H

#include "vmm/error.h"

struct MHD_Daemon;

/* Serves on a listening socket, which it takes over, in threads of its own. NULL with the error
 * set: no threads or no memory. */
struct MHD_Daemon *server_start(int listener, struct error *error);

/* Ends the connections and the threads. Waits for a look at VMs that is under way. */
void server_stop(struct MHD_Daemon *server);

#endif
