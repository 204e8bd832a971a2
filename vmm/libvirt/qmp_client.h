/* SPDX-License-Identifier: MIT
 * One client of the monitor: lines in, lines out, both bounded. */
#ifndef HOLDFAST_LIBVIRT_QMP_CLIENT_H
#define HOLDFAST_LIBVIRT_QMP_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define QMP_LINE_MOST   ((size_t)64 << 10)
#define QMP_OUTPUT_MOST ((size_t)256 << 10)

/* With so much waiting to be read, nothing more is taken from the client. */
#define QMP_OUTPUT_FULL (QMP_OUTPUT_MOST / 2)

struct qmp_client {
    int fd; /* -1: the place is free */
    char *input;
    size_t input_length;
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

/* Reads what is there. The lines are then taken with qmp_client_line(). */
void qmp_client_receive(struct qmp_client *client);

/* The next whole line, without its end, valid until qmp_client_drop_line(); NULL: there is none. A
 * line that is too long makes *too_long true. */
const char *qmp_client_line(const struct qmp_client *client, size_t *length, bool *too_long);
void qmp_client_drop_line(struct qmp_client *client);

/* Puts one line of JSON at the end of the output and sends what the socket takes; takes the
 * reference. Breaks with a client that has no room for it. */
void qmp_client_send(struct qmp_client *client, json_t *message);
void qmp_client_flush(struct qmp_client *client);

#endif
