/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/qmp_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool qmp_client_begin(struct qmp_client *client, int fd)
{
    *client = (struct qmp_client){
        .fd = fd,
        .input = malloc(QMP_INPUT_MOST),
        .output = malloc(QMP_OUTPUT_MOST),
    };
    if (client->input != NULL && client->output != NULL)
        return true;
    qmp_client_end(client);
    return false;
}

void qmp_client_end(struct qmp_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    free(client->input);
    free(client->output);
    *client = (struct qmp_client){.fd = -1};
}

short qmp_client_events(const struct qmp_client *client)
{
    short events = 0;

    if (client->output_length > 0)
        events |= POLLOUT;
    if (client->output_length < QMP_OUTPUT_FULL && !client->last)
        events |= POLLIN;
    return events;
}

/* One message has one descriptor, or the kernel drops the others. */
static ssize_t receive(int fd, void *to, size_t room, int *handed_over)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = to, .iov_len = room};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_LEN(sizeof(int))};
    const ssize_t bytes = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = bytes > 0 ? CMSG_FIRSTHDR(&message) : NULL;

    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len < CMSG_LEN(sizeof(int)))
        return bytes;
    if (*handed_over >= 0)
        close(*handed_over);
    memcpy(handed_over, CMSG_DATA(header), sizeof(int));
    return bytes;
}

void qmp_client_receive(struct qmp_client *client, int *handed_over)
{
    memmove(client->input, client->input + client->input_start, client->input_length);
    client->input_start = 0;
    const size_t room = QMP_INPUT_MOST - client->input_length;
    if (room == 0)
        return;
    const ssize_t bytes =
        receive(client->fd, client->input + client->input_length, room, handed_over);
    if (bytes > 0)
        client->input_length += (size_t)bytes;
    else if (bytes == 0 || (errno != EAGAIN && errno != EINTR))
        client->broken = true;
}

static void drop(struct qmp_client *client, size_t length)
{
    client->input_start += length;
    client->input_length -= length;
    client->input_seen = 0;
}

enum qmp_frame_result qmp_client_next(struct qmp_client *client, const char **text, size_t *length)
{
    enum qmp_frame_result result;

    do {
        *text = client->input + client->input_start;
        result = qmp_frame_next(&client->frame, *text, client->input_length, &client->input_seen);
        *length = client->input_seen;
        if (result != QMP_FRAME_MORE)
            drop(client, *length);
    } while (result == QMP_FRAME_NOTHING && client->input_length > 0);
    return result == QMP_FRAME_NOTHING ? QMP_FRAME_MORE : result;
}

bool qmp_client_is_full(const struct qmp_client *client)
{
    return client->input_length == QMP_INPUT_MOST;
}

void qmp_client_flush(struct qmp_client *client)
{
    if (client->output_length == 0)
        return;
    const ssize_t sent =
        send(client->fd, client->output, client->output_length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        client->broken |= errno != EAGAIN && errno != EINTR;
        return;
    }
    client->output_length -= (size_t)sent;
    memmove(client->output, client->output + sent, client->output_length);
}

void qmp_client_send(struct qmp_client *client, json_t *message)
{
    const size_t room = QMP_OUTPUT_MOST - client->output_length;
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    const size_t length =
        message != NULL ? json_dumpb(message, client->output + client->output_length, room, flags)
                        : 0;

    json_decref(message);
    /* A reply that is missing would leave the client waiting for ever. */
    if (length == 0 || length + 2 > room) {
        client->broken = true;
        return;
    }
    memcpy(client->output + client->output_length + length, "\r\n", 2);
    client->output_length += length + 2;
    qmp_client_flush(client);
}

void qmp_clients_send(struct qmp_client *clients, uint32_t count, json_t *message, bool expendable)
{
    for (uint32_t i = 0; i < count; i++) {
        struct qmp_client *client = &clients[i];
        if (client->fd >= 0 && client->negotiated &&
            !(expendable && client->output_length >= QMP_OUTPUT_FULL))
            qmp_client_send(client, json_incref(message));
    }
    json_decref(message);
}
