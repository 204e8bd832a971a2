/* SPDX-License-Identifier: MIT
 * One connected client: its buffers, its descriptors and its time limit. Requests are answered one
 * after the other; nothing is read while an answer is under way or waits to be read. */
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
#define CLIENT_WAIT_MS  9000u  /* from a request to its answer: less than holdfastctl waits */

#define CLIENT_INPUT_ROOM  (FRAME_HEADER + (size_t)REQUEST_MAX)
#define CLIENT_OUTPUT_ROOM (FRAME_HEADER + SERVICE_RESPONSE_ROOM)

/* How many descriptors a client may have sent before it is known that they are too many. */
#define CLIENT_DESCRIPTORS 2u

enum client_wait {
    CLIENT_WAITS_NOT,
    CLIENT_QUEUED,    /* the request is still in the buffer */
    CLIENT_UNDER_WAY, /* a worker has it */
    CLIENT_AWAITS,    /* an event; the request is still in the buffer */
};

struct client {
    int fd;                             /* -1: none is connected */
    uint64_t number;                    /* of the connection: no two have the same */
    int descriptor[CLIENT_DESCRIPTORS]; /* sent, and not taken by a request yet */
    uint32_t descriptors;
    bool is_cut; /* more came than there was room for */
    struct frame_reader input;
    uint8_t *output;
    size_t output_length; /* 0: no response waits */
    size_t output_sent;
    uint64_t deadline_ms;
    bool partial; /* the deadline is that of a frame that has begun */
    bool last;    /* disconnect after this response */
    enum service_after after;
    enum client_wait wait;  /* of the request that is to be answered */
    enum service_kind kind; /* of it; the following, too */
    uint64_t id;
    uint64_t turn;
    uint64_t event; /* that it has seen, while it awaits the next */
};

/* A free slot with its buffers of CLIENT_INPUT_ROOM and CLIENT_OUTPUT_ROOM bytes. */
void client_init(struct client *client, uint8_t *input, uint8_t *output);

/* Whether nothing is left of the last client, not even a descriptor. */
bool client_is_free(const struct client *client);

/* Takes over a non-blocking socket. */
void client_begin(struct client *client, int fd, uint64_t number, uint64_t now);

/* What to poll for: POLLIN, POLLOUT or nothing. */
short client_events(const struct client *client);

/* Whether a request, or the length of one that is too large, waits in the buffer and can be
 * answered now: poll() would not tell. */
bool client_ready(const struct client *client);

/* One read. false: the client has closed its side, or the connection is broken. */
bool client_receive(struct client *client, uint64_t now);

/* The first request in the buffer; client_take() takes it out. */
enum frame_state client_look(const struct client *client, const uint8_t **message,
                             uint32_t *length);
void client_take(struct client *client);

/* A descriptor that belongs to no request, or may have been meant for an earlier one. */
bool client_has_stray(const struct client *client);

/* The descriptor that has come for the request, -1: none. It is the caller's then. */
int client_take_descriptor(struct client *client);

/* The answer to the request has to wait, for CLIENT_WAIT_MS at most. */
void client_wait(struct client *client, enum client_wait wait, uint64_t now);

/* The answer waits for the event after this one, for so long at most. */
void client_await(struct client *client, uint64_t event, uint32_t milliseconds, uint64_t now);

/* A response of so many bytes lies behind the header's place in client->output. */
void client_reply(struct client *client, size_t length, uint64_t now);

/* Writes what the socket takes. false: the client is gone or has to go. client->after is for the
 * caller when no response waits any more, and when the answer is false. */
bool client_flush(struct client *client, uint64_t now);

/* Closes the socket. Descriptors stay: to close one may have to wait, and the slot is not free
 * until client_take_descriptor() has given all of them away. */
void client_end(struct client *client);

#endif
