/* SPDX-License-Identifier: MIT
 * Requests on their way out: encoded, given a place, and sent as far as the socket takes them. */
#include "vmm/client/connection.h"
#include "vmm/client/reply.h"

#include <fcntl.h>
#include <stdlib.h>

static void encode(struct request *place, Request *request, int descriptor)
{
    request->protocol_minor = PROTOCOL_MINOR;
    request->id = place->id = place->number;
    const size_t length = holdfast__control__v1__request__get_packed_size(request);
    if (length > REQUEST_MAX) {
        request_end(
            place, reply_failure(place->number, HOLDFAST_BAD_ARGUMENT, "the request is too large"));
        return;
    }
    place->frame = malloc(FRAME_HEADER + length);
    if (descriptor >= 0)
        place->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (place->frame == NULL) {
        request_end(place, &reply_no_memory);
    } else if (descriptor >= 0 && place->descriptor < 0) {
        request_end(place, reply_failure(place->number, HOLDFAST_BAD_ARGUMENT,
                                         "the descriptor that is to be handed over is not open, "
                                         "or this process has too many (ulimit -n)"));
    } else {
        frame_put_length(place->frame, (uint32_t)length);
        holdfast__control__v1__request__pack(request, place->frame + FRAME_HEADER);
        place->length = FRAME_HEADER + length;
        place->call = (int)request->call_case;
    }
}

/* A thread that waits for the reply says so before it sends: no other may take it meanwhile. */
static _Thread_local bool waits_for_next;

void request_reserve_next(void)
{
    waits_for_next = true;
}

static bool take_reservation(void)
{
    const bool was_reserved = waits_for_next;
    waits_for_next = false;
    return was_reserved;
}

uint64_t request_send(struct holdfast *connection, Request *request, int descriptor,
                      uint32_t extra_ms)
{
    const bool is_reserved = take_reservation();
    if (connection == NULL)
        return 0;
    pthread_mutex_lock(&connection->lock);
    struct request *place = request_begin(connection);
    const uint64_t number = place != NULL ? place->number : 0;
    if (place != NULL) {
        place->extra_ms = extra_ms;
        place->is_waited_for = is_reserved;
        encode(place, request, descriptor);
        exchange_go_on(connection);
    }
    pthread_mutex_unlock(&connection->lock);
    return number;
}

uint64_t request_fail(struct holdfast *connection, enum holdfast_status status, const char *text)
{
    const bool is_reserved = take_reservation();
    if (connection == NULL)
        return 0;
    pthread_mutex_lock(&connection->lock);
    struct request *place = request_begin(connection);
    const uint64_t number = place != NULL ? place->number : 0;
    if (place != NULL) {
        place->is_waited_for = is_reserved;
        request_end(place, reply_failure(number, status, text));
    }
    pthread_mutex_unlock(&connection->lock);
    return number;
}
