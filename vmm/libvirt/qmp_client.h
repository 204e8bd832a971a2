/* SPDX-License-Identifier: MIT
 * One client of the monitor: JSON values in, lines out, both bounded. */
#ifndef HOLDFAST_LIBVIRT_QMP_CLIENT_H
#define HOLDFAST_LIBVIRT_QMP_CLIENT_H

#include "vmm/libvirt/qmp_frame.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QMP_INPUT_MOST  ((size_t)64 << 10)
#define QMP_OUTPUT_MOST ((size_t)256 << 10)

/* With so much waiting to be read, nothing more is taken from the client. */
#define QMP_OUTPUT_FULL (QMP_OUTPUT_MOST / 2)

struct qmp_client {
    int fd; /* -1: the slot is free */
    char *input;
    size_t input_start;  /* what is before it was answered */
    size_t input_length; /* from there on */
    size_t input_seen;   /* of it, what frame has looked at */
    struct qmp_frame frame;
    char *output;
    size_t output_length;
    bool negotiated;
    bool last;   /* disconnect once the output is gone */
    bool broken; /* disconnect now */
};

/* Takes over a non-blocking socket. false: out of memory; the socket is closed. */
bool qmp_client_begin(struct qmp_client *client, int fd);
void qmp_client_end(struct qmp_client *client);

/* What to poll for. */
short qmp_client_events(const struct qmp_client *client);

/* Reads what is there. It is then taken with qmp_client_next(). A descriptor that comes with it
 * takes the place of the one in *handed_over, which is closed; -1: there is none. */
void qmp_client_receive(struct qmp_client *client, int *handed_over);

/* The next value or mistake in the input, of *length bytes at *text; they stay until
 * qmp_client_receive() and are not taken twice. QMP_FRAME_MORE: there is none yet. */
enum qmp_frame_result qmp_client_next(struct qmp_client *client, const char **text, size_t *length);

/* Whether a value is so long that no more of it can be received. */
bool qmp_client_is_full(const struct qmp_client *client);

/* Puts one line of JSON at the end of the output and sends what the socket takes; takes the
 * reference. Breaks with a client that has no room for it. */
void qmp_client_send(struct qmp_client *client, json_t *message);
void qmp_client_flush(struct qmp_client *client);

/* Sends a message to each of so many clients that is there and has negotiated; takes the reference.
 * expendable: a client that has not taken much of what was sent before may do without. */
void qmp_clients_send(struct qmp_client *clients, uint32_t count, json_t *message, bool expendable);

#endif
