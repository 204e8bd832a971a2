/* SPDX-License-Identifier: MIT
 * A connection to a VM's control service, as the library's own files see it.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_CLIENT_CONNECTION_H
#define HOLDFAST_CLIENT_CONNECTION_H

#include "holdfast/client.h"
#include "vmm/error.h"
#include "vmm/wire/frame.h"
#include "vmm/wire/protocol.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_ROOM (FRAME_HEADER + (size_t)RESPONSE_MAX)

/* One at a time is on its way to the VM: the server answers one after the other, and a descriptor
 * must not arrive beside another request's bytes. */
enum request_state {
    REQUEST_QUEUED,
    REQUEST_BEGUN, /* some of it was sent, or tried to */
    REQUEST_DONE,  /* reply is set */
};

struct request {
    uint64_t number; /* 0: the place is free */
    uint64_t id;     /* in the protocol */
    enum request_state state;
    int call;           /* CALL(...) */
    bool is_waited_for; /* by a thread, whose reply it will be */
    uint8_t *frame;
    size_t length;
    size_t sent;
    int descriptor;    /* goes with its first byte; -1: none */
    uint32_t extra_ms; /* beyond the connection's time limit: the VM is asked to wait so long */
    uint64_t deadline_ms;
    const struct holdfast_reply *reply;
};

struct holdfast {
    pthread_mutex_t lock; /* of all but what is set when it is made */
    pthread_cond_t changed;
    int fd;    /* of the socket; -1: there is none */
    int alarm; /* an eventfd that wakes the thread that polls */
    _Atomic int process;
    _Atomic bool is_interrupted;
    char *name; /* as the user wrote it */
    char path[PATH_MAX];
    enum holdfast_status status;
    struct error error; /* set with status, and only once */
    uint32_t limit_ms;
    uint64_t last_number;
    bool is_polled; /* a thread waits for the socket; others wait for that one */
    struct request requests[HOLDFAST_REQUESTS_MOST];
    struct frame_reader input;
};

/* ---- connection.c ---- */

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t connection_clock(void);

/* Notes why the connection is of no more use; the first reason stays. The lock is held. */
void connection_fail(struct holdfast *connection, enum holdfast_status status, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

/* ---- send.c ---- */

/* Queues a request and sends what the socket takes. Returns its number, or 0: there is no place for
 * it. */
uint64_t request_send(struct holdfast *connection, Request *request, int descriptor,
                      uint32_t extra_ms);

/* The next request that this thread sends is one for which it will wait: see WAIT_FOR(). */
void request_reserve_next(void);

/* Queues one that has failed already. */
uint64_t request_fail(struct holdfast *connection, enum holdfast_status status, const char *text);

/* ---- request.c ---- */

/* A place for one more, without a frame yet; NULL: there is none. The lock is held. */
struct request *request_begin(struct holdfast *connection);

/* NULL: there is no such request. The lock is held. */
struct request *request_find(struct holdfast *connection, uint64_t number);

/* The one whose turn it is; NULL: all are done. The lock is held. */
struct request *request_next(struct holdfast *connection);

/* Gives the request its reply, and the memory of its frame back. The lock is held. */
void request_end(struct request *request, const struct holdfast_reply *reply);

/* Takes the reply and frees the place. The lock is held. */
const struct holdfast_reply *request_take(struct request *request);

/* Frees what is left of it. */
void request_discard(struct request *request);

/* ---- exchange.c ---- */

/* Sends and reads until nothing more goes without waiting, or all requests are done. The lock is
 * held. */
void exchange_go_on(struct holdfast *connection);

/* With no request under way: whether the VM has closed the connection, or said why it will. The
 * lock is held. */
void exchange_look(struct holdfast *connection);

/* What to poll() the socket for. The lock is held. */
short exchange_events(struct holdfast *connection);

/* When the time of the request whose turn it is is over; UINT64_MAX: there is none. The lock is
 * held. */
uint64_t exchange_deadline(struct holdfast *connection);

#endif
