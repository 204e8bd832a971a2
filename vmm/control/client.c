/* SPDX-License-Identifier: MIT
 * One connected client. */
#include "vmm/control/client.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

void client_init(struct client *client, uint8_t *input, uint8_t *output)
{
    *client = (struct client){.fd = -1, .output = output};
    frame_reader_init(&client->input, input, CLIENT_INPUT_ROOM);
}

void client_begin(struct client *client, int fd, uint64_t now)
{
    frame_reader_init(&client->input, client->input.buffer, CLIENT_INPUT_ROOM);
    client->fd = fd;
    client->output_length = 0;
    client->partial = false;
    client->last = false;
    client->after = SERVICE_GO_ON;
    client->deadline_ms = now + CLIENT_IDLE_MS;
}

void client_end(struct client *client)
{
    close(client->fd);
    client->fd = -1;
}

short client_events(const struct client *client)
{
    return client->output_length > 0 ? POLLOUT : POLLIN;
}

static enum frame_state look(const struct client *client, const uint8_t **message, uint32_t *length)
{
    return frame_reader_look(&client->input, message, length);
}

bool client_ready(const struct client *client)
{
    const uint8_t *message;
    uint32_t length;
    const enum frame_state state = look(client, &message, &length);
    return client->output_length == 0 && (state == FRAME_COMPLETE || state == FRAME_TOO_LARGE);
}

/* One read. false: the client has closed its side, or the connection is broken. */
static bool receive(struct client *client)
{
    size_t room;
    uint8_t *space = frame_reader_space(&client->input, &room);
    ssize_t bytes = recv(client->fd, space, room, 0);
    if (bytes > 0) {
        frame_reader_add(&client->input, (size_t)bytes);
        return true;
    }
    return bytes < 0 && (errno == EAGAIN || errno == EINTR);
}

static void begin_response(struct client *client, size_t length, uint64_t now)
{
    frame_put_length(client->output, (uint32_t)length);
    client->output_length = FRAME_HEADER + length;
    client->output_sent = 0;
    client->deadline_ms = now + CLIENT_REPLY_MS;
}

/* After a read or a response: whether the time limit of a frame that has begun holds now. */
static void choose_deadline(struct client *client, uint64_t now)
{
    const uint8_t *message;
    uint32_t length;
    bool partial = look(client, &message, &length) == FRAME_PARTIAL;
    if (partial && !client->partial)
        client->deadline_ms = now + CLIENT_FRAME_MS;
    client->partial = partial;
}

/* Answers the first request in the buffer, if a whole one is there. */
static void answer(struct client *client, struct service *service, uint64_t now)
{
    const uint8_t *message;
    uint32_t length;
    enum frame_state state = look(client, &message, &length);
    choose_deadline(client, now);
    if (state == FRAME_COMPLETE) {
        service->asker = client;
        size_t answered =
            service_answer(service, message, length, client->output + FRAME_HEADER, &client->after);
        frame_reader_drop(&client->input);
        begin_response(client, answered, now);
    } else if (state == FRAME_TOO_LARGE) {
        size_t answered = service_refuse(STATUS(TOO_LARGE), "a request frame above 65536 bytes",
                                         client->output + FRAME_HEADER);
        begin_response(client, answered, now);
        client->last = true;
    }
}

/* Writes what the socket takes. false: the connection is broken. */
static bool flush(struct client *client, uint64_t now)
{
    ssize_t bytes = send(client->fd, client->output + client->output_sent,
                         client->output_length - client->output_sent, MSG_NOSIGNAL);
    if (bytes < 0)
        return errno == EAGAIN || errno == EINTR;
    client->output_sent += (size_t)bytes;
    if (client->output_sent < client->output_length)
        return true;
    client->output_length = 0;
    client->partial = false;
    client->deadline_ms = now + CLIENT_IDLE_MS;
    choose_deadline(client, now);
    return !client->last;
}

bool client_serve(struct client *client, struct service *service, uint64_t now)
{
    bool open = true;
    if (client->output_length == 0) {
        if (!client_ready(client))
            open = receive(client);
        if (open)
            answer(client, service, now);
    }
    if (client->output_length > 0)
        open = flush(client, now);
    return open;
}
