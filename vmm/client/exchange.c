/* SPDX-License-Identifier: MIT
 * The exchange with the server: requests out, responses in, and what a response means. Nothing here
 * waits. */
#include "vmm/client/connection.h"
#include "vmm/client/reply.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* What decoding a response, and describing it, may take: several times what the largest of this
 * protocol does. */
#define DECODE_LEAST ((size_t)64 << 10)
#define DECODE_TIMES 64u
#define DECODE_MOST  ((size_t)16 << 20)

/* Several times what a VM of this version has. */
#define OBJECTS_SANE     4096u
#define TAGS_SANE        4096u
#define RESCUES_SANE     4096u
#define PARTS_SANE       64u
#define PROTECTIONS_SANE 64u
#define EVENTS_SANE      4096u

static void nonsense(struct holdfast *connection, const char *what)
{
    connection_fail(connection, HOLDFAST_NONSENSE,
                    "the VM %s does not speak the protocol of this library: %s", connection->name,
                    what);
}

/* ---- what a response means ---- */

/* Whether no list in a reply is longer than a VM's ever is: to show it would take memory and time.
 */
static bool has_sane_lists(const Response *response)
{
    switch (response->reply_case) {
    case REPLY(INFO):
        return response->info->n_protections <= PROTECTIONS_SANE;
    case REPLY(LIST_WINDOWS):
        return response->list_windows->n_windows <= WINDOWS_PER_REPLY;
    case REPLY(LIST_OBJECTS):
        return response->list_objects->n_objects <= OBJECTS_SANE;
    case REPLY(PICTURE):
        return response->picture->n_cells <= PICTURE_CELLS_MAX;
    case REPLY(GUARANTEE):
        return response->guarantee->n_tags <= TAGS_SANE &&
               response->guarantee->n_rescues <= RESCUES_SANE;
    case REPLY(DRILL_REPORT):
        return response->drill_report->n_parts <= PARTS_SANE;
    case REPLY(EVENTS):
        return response->events->n_events <= EVENTS_SANE;
    default:
        return true;
    }
}

static bool describe(struct reply *reply, const Response *response)
{
    switch (response->reply_case) {
    case REPLY(PING):
        return describe_ping(reply, response->ping);
    case REPLY(INFO):
        return describe_info(reply, response->info);
    case REPLY(LIST_WINDOWS):
        return describe_windows(reply, response->list_windows);
    case REPLY(LIST_OBJECTS):
        return describe_objects(reply, response->list_objects);
    case REPLY(STATS):
        return describe_stats(reply, response->stats);
    case REPLY(PICTURE):
        return describe_picture(reply, response->picture);
    case REPLY(PAUSE):
        return describe_machine(reply, response->pause->state);
    case REPLY(RESUME):
        return describe_machine(reply, response->resume->state);
    case REPLY(RESET):
        return describe_machine(reply, response->reset->state);
    case REPLY(GUARANTEE):
        return describe_guarantee(reply, response->guarantee);
    case REPLY(METRICS):
        return describe_metrics(reply, response->metrics);
    case REPLY(DRILL_REPORT):
        return describe_drill(reply, response->drill_report);
    case REPLY(EVENTS):
        return describe_events(reply, response->events);
    default: /* replies without content */
        return true;
    }
}

/* A status other than OK. One that has no number here is a failure. */
static enum holdfast_status status_of(const Response *response)
{
    const int status = (int)response->status;
    if (status == STATUS(BUSY) && response->id == 0)
        return HOLDFAST_TURNED_AWAY;
    return status > 0 && status <= (int)HOLDFAST_FAILED ? (enum holdfast_status)status
                                                        : HOLDFAST_FAILED;
}

static void refusal_text(const struct holdfast *connection, const Response *response,
                         struct error *error)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &holdfast__control__v1__status__descriptor, (int)response->status);
    char status[32];
    if (value != NULL)
        snprintf(status, sizeof status, "%s", value->name + strlen("STATUS_"));
    else
        snprintf(status, sizeof status, "status %d", (int)response->status);
    error_set(error, "%s: %s (%s)", connection->name,
              response->message[0] != '\0' ? response->message : "refused", status);
}

/* The request's reply; NULL if the response makes no sense, which was noted. */
static const struct holdfast_reply *judge(struct holdfast *connection,
                                          const struct request *request, struct reply *reply,
                                          const Response *response)
{
    /* Responses to no request have id 0 and say why the connection is of no use. */
    if (response->id != request->id && (response->id != 0 || response->status == STATUS(OK))) {
        nonsense(connection, "it answered another request");
        return NULL;
    }
    reply->seen.request = request->number;
    reply->seen.protocol_minor = response->protocol_minor;
    if (response->status != STATUS(OK)) {
        struct error error;
        refusal_text(connection, response, &error);
        reply->seen.status = status_of(response);
        reply->seen.text = reply_text(reply, error.text);
        if (reply->seen.text == NULL)
            reply->seen.text = "refused";
        return reply_finish(reply);
    }
    /* Calls and their replies have the same numbers. */
    if ((int)response->reply_case != request->call)
        nonsense(connection, "the reply is not one to this call");
    else if (!has_sane_lists(response))
        nonsense(connection, "its list is longer than that of any VM");
    else if (!describe(reply, response))
        nonsense(connection, "it left out a part of its answer");
    else
        return reply_finish(reply);
    return NULL;
}

static size_t decode_room(uint32_t length)
{
    const size_t room = DECODE_LEAST + (size_t)length * DECODE_TIMES;
    return room < DECODE_MOST ? room : DECODE_MOST;
}

static void take_response(struct holdfast *connection, struct request *request,
                          const uint8_t *message, uint32_t length)
{
    struct reply *reply = reply_new(decode_room(length));
    const struct holdfast_reply *seen = NULL;
    if (reply == NULL) {
        connection_fail(connection, HOLDFAST_NO_MEMORY, "%s", reply_no_memory.text);
        return;
    }
    const Response *response =
        holdfast__control__v1__response__unpack(&reply->room.allocator, length, message);
    if (response == NULL)
        nonsense(connection, "its response does not decode");
    else
        seen = judge(connection, request, reply, response);
    if (seen != NULL)
        request_end(request, seen);
    else
        holdfast_free(&reply->seen);
}

/* A response to nothing that was asked: the server says why it disconnects. */
static void take_unasked(struct holdfast *connection, const uint8_t *message, uint32_t length)
{
    struct reply *reply = reply_new(decode_room(length));
    struct error error;
    if (reply == NULL)
        return;
    const Response *response =
        holdfast__control__v1__response__unpack(&reply->room.allocator, length, message);
    if (response == NULL || response->id != 0 || response->status == STATUS(OK)) {
        nonsense(connection, "it answered what was not asked");
    } else {
        refusal_text(connection, response, &error);
        connection_fail(connection, status_of(response), "%s", error.text);
    }
    holdfast_free(&reply->seen);
}

/* ---- out and in ---- */

/* send() of some of it, with the descriptor if there is one. */
static ssize_t send_some(int fd, const struct request *request)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS,
                            .cmsg_len = CMSG_LEN(sizeof(int))}};
    struct iovec part = {.iov_base = request->frame + request->sent,
                         .iov_len = request->length - request->sent};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (request->descriptor >= 0 && request->sent == 0) {
        memcpy(CMSG_DATA(&control.header), &request->descriptor, sizeof(int));
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* A server that turns us away has answered before it read: then the response can still be received,
 * and what cannot be sent is as good as sent. */
static void send_on(struct holdfast *connection, struct request *request)
{
    while (request->sent < request->length) {
        const ssize_t sent = send_some(connection->fd, request);
        if (sent >= 0)
            request->sent += (size_t)sent;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            request->sent = request->length;
    }
}

/* Reads until a frame is complete. false: there is no more, or an end, which was noted. */
static bool read_frame(struct holdfast *connection, const uint8_t **message, uint32_t *length)
{
    enum frame_state state;
    while ((state = frame_reader_look(&connection->input, message, length)) != FRAME_COMPLETE) {
        size_t room;
        uint8_t *space = frame_reader_space(&connection->input, &room);
        if (state == FRAME_TOO_LARGE) {
            nonsense(connection, "its response is too large");
            return false;
        }
        const ssize_t bytes = recv(connection->fd, space, room, MSG_DONTWAIT);
        if (bytes > 0)
            frame_reader_add(&connection->input, (size_t)bytes);
        else if (bytes < 0 && errno == EAGAIN)
            return false;
        else if (bytes == 0 || errno != EINTR)
            connection_fail(connection, HOLDFAST_DISCONNECTED, "the VM %s closed the connection",
                            connection->name);
        if (connection->status != HOLDFAST_OK)
            return false;
    }
    return true;
}

static void begin(const struct holdfast *connection, struct request *request)
{
    if (request->state != REQUEST_QUEUED)
        return;
    request->state = REQUEST_BEGUN;
    request->deadline_ms = connection_clock() + connection->limit_ms + request->extra_ms;
}

static void look_at_time(struct holdfast *connection, const struct request *request)
{
    if (atomic_load(&connection->is_interrupted))
        connection_fail(connection, HOLDFAST_INTERRUPTED, "interrupted");
    else if (connection_clock() >= request->deadline_ms)
        connection_fail(connection, HOLDFAST_TIMED_OUT, "the VM %s does not answer (waited %u s)",
                        connection->name, (connection->limit_ms + request->extra_ms) / 1000);
}

/* false: it waits for the socket. */
static bool serve(struct holdfast *connection, struct request *request)
{
    const uint8_t *message;
    uint32_t length;
    begin(connection, request);
    send_on(connection, request);
    if (read_frame(connection, &message, &length)) {
        take_response(connection, request, message, length);
        frame_reader_drop(&connection->input);
        return true;
    }
    if (connection->status == HOLDFAST_OK)
        look_at_time(connection, request);
    return connection->status != HOLDFAST_OK;
}

static void give_up(const struct holdfast *connection, struct request *request)
{
    request_end(request,
                reply_failure(request->number, connection->status, connection->error.text));
}

void exchange_go_on(struct holdfast *connection)
{
    struct request *request;
    bool is_changed = false;
    while ((request = request_next(connection)) != NULL) {
        if (connection->status != HOLDFAST_OK)
            give_up(connection, request);
        else if (!serve(connection, request))
            break;
        is_changed = true;
    }
    if (!is_changed)
        return;
    pthread_cond_broadcast(&connection->changed);
    /* What it polls for may just have been read. */
    if (connection->is_polled)
        eventfd_write(connection->alarm, 1);
}

void exchange_look(struct holdfast *connection)
{
    const uint8_t *message;
    uint32_t length;
    if (connection->status != HOLDFAST_OK || request_next(connection) != NULL)
        return;
    if (atomic_load(&connection->is_interrupted))
        connection_fail(connection, HOLDFAST_INTERRUPTED, "interrupted");
    else if (read_frame(connection, &message, &length))
        take_unasked(connection, message, length);
}

short exchange_events(struct holdfast *connection)
{
    const struct request *request = request_next(connection);
    return (short)(POLLIN | (request != NULL && request->sent < request->length ? POLLOUT : 0));
}

uint64_t exchange_deadline(struct holdfast *connection)
{
    const struct request *request = request_next(connection);
    return request != NULL && request->state == REQUEST_BEGUN ? request->deadline_ms : UINT64_MAX;
}
