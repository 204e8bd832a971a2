/* SPDX-License-Identifier: MIT
 * One connected client. */
#include "vmm/control/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOUCHED_INPUT  8192u /* enough for any request that is no mistake */
#define TOUCHED_OUTPUT 16384u
#define PAGE           4096u

/* What the answers that wait for nothing take must be in memory: a fresh page may have to wait for
 * who maps memory, and that for a file. Locked as well where that is permitted. */
static void touch(uint8_t *buffer, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += PAGE)
        ((volatile uint8_t *)buffer)[at] = 0;
    mlock(buffer, bytes);
}

void client_init(struct client *client, uint8_t *input, uint8_t *output)
{
    *client = (struct client){.fd = -1, .output = output};
    frame_reader_init(&client->input, input, CLIENT_INPUT_ROOM);
    touch(input, TOUCHED_INPUT);
    touch(output, TOUCHED_OUTPUT);
}

bool client_is_free(const struct client *client)
{
    return client->fd < 0 && client->descriptors == 0;
}

void client_begin(struct client *client, int fd, uint64_t number, uint64_t now)
{
    frame_reader_init(&client->input, client->input.buffer, CLIENT_INPUT_ROOM);
    client->fd = fd;
    client->number = number;
    client->output_length = 0;
    client->partial = false;
    client->last = false;
    client->is_cut = false;
    client->after = SERVICE_GO_ON;
    client->wait = CLIENT_WAITS_NOT;
    client->deadline_ms = now + CLIENT_IDLE_MS;
}

void client_end(struct client *client)
{
    close(client->fd);
    client->fd = -1;
}

/* While a request waits, poll() tells only that the client is gone. */
short client_events(const struct client *client)
{
    if (client->output_length > 0)
        return POLLOUT;
    return client->wait == CLIENT_WAITS_NOT ? POLLIN : 0;
}

enum frame_state client_look(const struct client *client, const uint8_t **message, uint32_t *length)
{
    return frame_reader_look(&client->input, message, length);
}

bool client_ready(const struct client *client)
{
    const uint8_t *message;
    uint32_t length;
    const enum frame_state state = client_look(client, &message, &length);
    return client->output_length == 0 && client->wait == CLIENT_WAITS_NOT &&
           (state == FRAME_COMPLETE || state == FRAME_TOO_LARGE);
}

void client_take(struct client *client)
{
    frame_reader_drop(&client->input);
}

bool client_has_stray(const struct client *client)
{
    return client->is_cut || client->descriptors > 1 ||
           (client->descriptors == 1 && client->input.have == 0);
}

int client_take_descriptor(struct client *client)
{
    return client->descriptors > 0 ? client->descriptor[--client->descriptors] : -1;
}

/* After a read or a response: whether the time limit of a frame that has begun holds now. */
static void choose_deadline(struct client *client, uint64_t now)
{
    const uint8_t *message;
    uint32_t length;
    bool partial = client_look(client, &message, &length) == FRAME_PARTIAL;
    if (partial && !client->partial)
        client->deadline_ms = now + CLIENT_FRAME_MS;
    client->partial = partial;
}

/* Room for one descriptor: of a message that has more, the kernel closes the others. So there are
 * never more than two. */
static void keep_descriptor(struct client *client, const struct msghdr *message)
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);

    client->is_cut |= (message->msg_flags & MSG_CTRUNC) != 0;
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len < CMSG_LEN(sizeof(int)))
        return;
    memcpy(&client->descriptor[client->descriptors++], CMSG_DATA(header), sizeof(int));
}

bool client_receive(struct client *client, uint64_t now)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    size_t room;
    uint8_t *space = frame_reader_space(&client->input, &room);
    struct iovec part = {.iov_base = space, .iov_len = room};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = client->descriptors < CLIENT_DESCRIPTORS ? &control : NULL,
        .msg_controllen = client->descriptors < CLIENT_DESCRIPTORS ? CMSG_LEN(sizeof(int)) : 0,
    };

    const ssize_t bytes = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC);
    if (bytes <= 0)
        return bytes < 0 && (errno == EAGAIN || errno == EINTR);
    keep_descriptor(client, &message);
    frame_reader_add(&client->input, (size_t)bytes);
    choose_deadline(client, now);
    return true;
}

void client_wait(struct client *client, enum client_wait wait, uint64_t now)
{
    if (client->wait == CLIENT_WAITS_NOT)
        client->deadline_ms = now + CLIENT_WAIT_MS;
    client->wait = wait;
}

void client_await(struct client *client, uint64_t event, uint32_t milliseconds, uint64_t now)
{
    client->wait = CLIENT_AWAITS;
    client->event = event;
    client->deadline_ms = now + milliseconds;
}

void client_reply(struct client *client, size_t length, uint64_t now)
{
    frame_put_length(client->output, (uint32_t)length);
    client->output_length = FRAME_HEADER + length;
    client->output_sent = 0;
    client->deadline_ms = now + CLIENT_REPLY_MS;
}

bool client_flush(struct client *client, uint64_t now)
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
