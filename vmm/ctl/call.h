/* SPDX-License-Identifier: MIT
 * One call over a connection: the request out, the response in, and what the response means. */
#ifndef HOLDFAST_CTL_CALL_H
#define HOLDFAST_CTL_CALL_H

#include "vmm/ctl/connect.h"

/* Sends the request and waits for its reply. EXIT_OK: *response holds the reply of the same name,
 * valid until the next call. Else the error is set; after anything but EXIT_FAILED the connection
 * is of no more use. */
enum exit_code peer_call(struct peer *peer, Request *request, const Response **response,
                         struct error *error);

/* peer_open() and one peer_call(), with every failure reported. The response stays valid until
 * peer_close(), which is due after EXIT_OK only. */
enum exit_code peer_ask(struct peer *peer, const char *vm, Request *request,
                        const Response **response, const struct options *options);

#endif
