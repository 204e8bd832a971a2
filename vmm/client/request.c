/* SPDX-License-Identifier: MIT
 * Requests of a connection: each has a place from when it is sent until its reply is taken. */
#include "vmm/client/connection.h"

#include <stdlib.h>
#include <unistd.h>

/* NULL: all are taken. */
static struct request *free_place(struct holdfast *connection)
{
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++)
        if (connection->requests[i].number == 0)
            return &connection->requests[i];
    return NULL;
}

struct request *request_find(struct holdfast *connection, uint64_t number)
{
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++)
        if (number != 0 && connection->requests[i].number == number)
            return &connection->requests[i];
    return NULL;
}

struct request *request_next(struct holdfast *connection)
{
    struct request *next = NULL;
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++) {
        struct request *request = &connection->requests[i];
        if (request->number != 0 && request->state != REQUEST_DONE &&
            (next == NULL || request->number < next->number))
            next = request;
    }
    return next;
}

static void let_go(struct request *request)
{
    free(request->frame);
    request->frame = NULL;
    if (request->descriptor >= 0)
        close(request->descriptor);
    request->descriptor = -1;
}

void request_end(struct request *request, const struct holdfast_reply *reply)
{
    let_go(request);
    request->reply = reply;
    request->state = REQUEST_DONE;
}

const struct holdfast_reply *request_take(struct request *request)
{
    const struct holdfast_reply *reply = request->reply;
    *request = (struct request){0};
    return reply;
}

void request_discard(struct request *request)
{
    if (request->number == 0)
        return;
    let_go(request);
    holdfast_free(request->reply);
    *request = (struct request){0};
}

struct request *request_begin(struct holdfast *connection)
{
    struct request *place = free_place(connection);
    if (place != NULL)
        *place = (struct request){.number = ++connection->last_number, .descriptor = -1};
    return place;
}
