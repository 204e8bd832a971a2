/* SPDX-License-Identifier: MIT
 * A thread that answers requests which may have to wait, one at a time. The server asks it and
 * looks for the answer; it never waits for it. */
#ifndef HOLDFAST_CONTROL_WORKER_H
#define HOLDFAST_CONTROL_WORKER_H

#include "vmm/control/service.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of each kind, for as many requests at once: files that do not answer may keep all but one of
 * those that attach. */
#define WORKERS 6u

enum worker_state {
    WORKER_FREE,  /* request and response are the server's */
    WORKER_ASKED, /* they are the worker's */
    WORKER_DONE,  /* they are the server's again, and response is an answer */
};

struct worker {
    enum service_kind kind;
    struct service *service;
    struct answerer answerer;
    int done; /* an eventfd, written when a request has been answered */
    pthread_t thread;
    pthread_mutex_t lock; /* of state and stop */
    pthread_cond_t changed;
    enum worker_state state;
    bool stop;
    struct service_request request;
    uint8_t *response; /* [SERVICE_RESPONSE_ROOM] */
    size_t answered;   /* bytes of it */
};

extern const enum service_kind worker_kinds[WORKERS];

/* Starts the thread on a stack of so many bytes. The rest of *worker is as it stays: kind, service,
 * answerer, done and response. 0, or an errno value: no thread to be had. */
int worker_start(struct worker *worker, void *stack, size_t bytes);

enum worker_state worker_state(struct worker *worker);

/* Has a free worker answer its request, or one without bytes, of which it only closes the
 * descriptor: that may have to wait, too. */
void worker_ask(struct worker *worker);

/* Takes the answer of one that is done. */
void worker_release(struct worker *worker);

/* Has it look at the clock: service_tick() is due. */
void worker_wake(struct worker *worker);

/* Ends the thread. A request that is being answered is finished first. */
void worker_stop(struct worker *worker);

#endif
