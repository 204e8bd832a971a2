/* SPDX-License-Identifier: MIT
 * One connected client: its buffers and its time limit. Requests are answered one after the
 * other; nothing is read while a response waits to be read. */
#ifndef HOLDFAST_CONTROL_CLIENT_H
#define HOLDFAST_CONTROL_CLIENT_H

#include "vmm/control/service.h"
#include "vmm/wire/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_FRAME_MS 5000u  /* from the first byte of a frame to its last */
#define CLIENT_REPLY_MS 5000u  /* from answering to the last byte read */
#define CLIENT_IDLE_MS  60000u /* between a response and the next request */

#define CLIENT_INPUT_ROOM  (FRAME_HEADER + (size_t)REQUEST_MAX)
#define CLIENT_OUTPUT_ROOM (FRAME_HEADER + SERVICE_RESPONSE_ROOM)

struct client {
    int fd; /* -1: the slot is free */
    struct frame_reader input;
    uint8_t *output;
    size_t output_length; /* 0: no response waits */
    size_t output_sent;
    uint64_t deadline_ms;
    bool partial; /* the deadline is that of a frame that has begun */
    bool last;    /* disconnect after this response */
    enum service_after after;
};

/* A free slot with its buffers of CLIENT_INPUT_ROOM and CLIENT_OUTPUT_ROOM bytes. */
void client_init(struct client *client, uint8_t *input, uint8_t *output);

/* Takes over a non-blocking socket. */
void client_begin(struct client *client, int fd, uint64_t now);

/* What to poll for: POLLIN or POLLOUT. */
short client_events(const struct client *client);

/* Whether a request, or the length of one that is too large, waits in the buffer: poll() would not
 * tell. */
bool client_ready(const struct client *client);

/* Reads, answers at most one request, writes; what would block is left for later. false: the
 * client is gone or has to go. client->after is for the caller when no response waits any more,
 * and when the answer is false. */
bool client_serve(struct client *client, struct service *service, uint64_t now);

/* Closes the socket and frees the slot. */
void client_end(struct client *client);

#endif
