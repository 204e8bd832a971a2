/* SPDX-License-Identifier: MIT
 * How long a client may take: libmicrohttpd ends only who says nothing at all. */
#ifndef HOLDFAST_EXPORTER_PATIENCE_H
#define HOLDFAST_EXPORTER_PATIENCE_H

#define PATIENCE_CLIENTS    32u
#define PATIENCE_REQUEST_MS 5000u  /* from the connection to the end of the request */
#define PATIENCE_ANSWER_MS  20000u /* to the end of the answer, once it is ready */

struct patience;

/* A client has connected. NULL: there are too many. */
struct patience *patience_begin(int fd);

/* Its request is whole. NULL is allowed. */
void patience_answer(struct patience *client);

/* It is gone, and the descriptor about to be closed. NULL is allowed. */
void patience_end(struct patience *client);

/* Shuts the connections whose time is over. Once a second. Any thread; cannot fail. */
void patience_check(void);

#endif
