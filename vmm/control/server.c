/* SPDX-License-Identifier: MIT
 * The loop that accepts clients and serves them. */
#include "vmm/control/server.h"

#include "vmm/control/clock.h"
#include "vmm/log.h"
#include "vmm/machine/machine.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ACCEPT_PAUSE_MS 1000u
#define POLL_PAUSE_MS   100L

#define EVENTS_LOOK_MS   50u   /* whoever records an event wakes nobody */
#define PEER_GROUPS_MOST 1024u /* a user in more groups is none of this one */

enum { POLL_STOP, POLL_DONE, POLL_LISTENER, POLL_CLIENTS, POLL_COUNT = SERVER_POLLED };

void server_init(struct server *server, uint8_t *buffers)
{
    server->owner = geteuid();
    for (uint32_t i = 0; i < SERVER_CLIENTS; i++) {
        uint8_t *input = buffers + i * (CLIENT_INPUT_ROOM + CLIENT_OUTPUT_ROOM);
        client_init(&server->clients[i], input, input + CLIENT_INPUT_ROOM);
    }
}

/* The machine is stopped here and not in the call, so that the response goes out first. */
static void finish(struct server *server, struct client *client)
{
    if (client->after == SERVICE_STOP_MACHINE)
        machine_stop(server->desk.service->machine);
    client->after = SERVICE_GO_ON;
}

/* What a client has left behind: at once, or when a worker is free for it. */
static void clear_away(struct server *server, struct client *client)
{
    while (client->descriptors > 0 &&
           desk_close(&server->desk, client->descriptor[client->descriptors - 1]))
        client->descriptors--;
}

static void drop(struct server *server, struct client *client)
{
    finish(server, client);
    desk_forget(&server->desk, client->number);
    client_end(client);
    clear_away(server, client);
}

/* ---- accepting ---- */

/* Tells a client why it is not served. Its socket is fresh, so that the response fits. */
static void turn_away(int fd, Status status, const char *message)
{
    uint8_t frame[FRAME_HEADER + SERVICE_REFUSAL_ROOM];
    size_t length = service_refuse(0, status, message, frame + FRAME_HEADER);
    frame_put_length(frame, (uint32_t)length);
    send(fd, frame, FRAME_HEADER + length, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

static bool is_member(int fd, gid_t group)
{
    gid_t groups[PEER_GROUPS_MOST];
    socklen_t length = sizeof groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0)
        return false;
    for (size_t i = 0; i < length / sizeof groups[0]; i++)
        if (groups[i] == group)
            return true;
    return false;
}

/* How many slots are kept free for those who may do more: no connections of others keep them out.
 */
enum { KEPT_FROM_ROOT = 0, KEPT_FROM_OWNER = 2, KEPT_FROM_GROUP = 4, NOT_ALLOWED = -1 };

static int kept_from(const struct server *server, int fd)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return NOT_ALLOWED;
    if (peer.uid == 0)
        return KEPT_FROM_ROOT;
    if (peer.uid == server->owner)
        return KEPT_FROM_OWNER;
    return server->group != (gid_t)-1 && (peer.gid == server->group || is_member(fd, server->group))
               ? KEPT_FROM_GROUP
               : NOT_ALLOWED;
}

/* NULL: no more than these are free. */
static struct client *free_slot(struct server *server, int kept)
{
    struct client *first = NULL;
    int count = 0;

    for (uint32_t i = SERVER_CLIENTS; i-- > 0;)
        if (client_is_free(&server->clients[i])) {
            first = &server->clients[i];
            count++;
        }
    return count > kept ? first : NULL;
}

static void admit(struct server *server, int fd, uint64_t now)
{
    const int kept = kept_from(server, fd);
    struct client *slot = kept != NOT_ALLOWED ? free_slot(server, kept) : NULL;
    if (kept == NOT_ALLOWED)
        turn_away(fd, STATUS(REFUSED),
                  server->group != (gid_t)-1
                      ? "only the user of this VM, members of its socket's group and root may "
                        "control it"
                      : "only the user of this VM and root may control it");
    else if (slot == NULL)
        turn_away(fd, STATUS(BUSY), "too many clients; try again later");
    else
        client_begin(slot, fd, ++server->connections, now);
}

static void accept_one(struct server *server, uint64_t now)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        admit(server, fd, now);
        return;
    }
    /* The listener stays readable while the descriptors or the memory are short. */
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        static struct log_limit limit;
        log_limited(&limit, "control: cannot accept a client: %s", strerror(errno));
        server->accept_again = now + ACCEPT_PAUSE_MS;
    }
}

/* ---- the loop ---- */

static void earlier(uint64_t *first, uint64_t other)
{
    if (other < *first)
        *first = other;
}

/* Fills in what to wait for and returns for how many milliseconds at most; -1: for ever. */
static int prepare(const struct server *server, struct pollfd polled[POLL_COUNT], uint64_t now)
{
    uint64_t wake = UINT64_MAX;
    bool accepting = now >= server->accept_again;
    polled[POLL_STOP] = (struct pollfd){.fd = server->stop, .events = POLLIN};
    polled[POLL_DONE] = (struct pollfd){.fd = server->done, .events = POLLIN};
    polled[POLL_LISTENER] =
        (struct pollfd){.fd = accepting ? server->listener : -1, .events = POLLIN};
    if (!accepting)
        wake = server->accept_again;
    for (uint32_t i = 0; i < SERVER_CLIENTS; i++) {
        const struct client *client = &server->clients[i];
        polled[POLL_CLIENTS + i] = (struct pollfd){.fd = client->fd};
        if (client->fd < 0)
            continue;
        polled[POLL_CLIENTS + i].events = client_events(client);
        earlier(&wake, client_ready(client) ? now : client->deadline_ms);
        if (client->wait == CLIENT_AWAITS)
            earlier(&wake, now + EVENTS_LOOK_MS);
    }
    if (wake == UINT64_MAX)
        return -1;
    uint64_t wait = wake > now ? wake - now : 0;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

/* Not all slots: poll() refuses more than RLIMIT_NOFILE, however few of them are open. */
static nfds_t polled_count(const struct server *server)
{
    uint32_t slots = SERVER_CLIENTS;
    while (slots > 0 && server->clients[slots - 1].fd < 0)
        slots--;
    return POLL_CLIENTS + slots;
}

/* Reads, hands on at most one request, writes. false: the client is gone or has to go. */
static bool serve(struct server *server, struct client *client, short events, uint64_t now)
{
    if (client->output_length == 0 && client->wait != CLIENT_WAITS_NOT) {
        if ((events & (POLLHUP | POLLERR)) != 0)
            return false;
    } else if (client->output_length == 0 && events != 0 && !client_ready(client)) {
        if (!client_receive(client, now))
            return false;
    }
    desk_serve(&server->desk, client, now);
    if (client->output_length > 0 && !client_flush(client, now))
        return false;
    /* What came with the last request, and not for it. */
    if (client->output_length == 0 && client->wait == CLIENT_WAITS_NOT && client_has_stray(client))
        desk_serve(&server->desk, client, now);
    return client->output_length == 0 || client_flush(client, now);
}

static void serve_client(struct server *server, struct client *client, short events, uint64_t now)
{
    if (!serve(server, client, events, now)) {
        drop(server, client);
        return;
    }
    if (client->output_length == 0)
        finish(server, client);
    /* The time limit comes after serving: what arrived meanwhile counts. */
    if (now >= client->deadline_ms)
        drop(server, client);
}

static void take_answers(struct server *server, uint64_t now)
{
    eventfd_t count;

    eventfd_read(server->done, &count);
    desk_deliver(&server->desk, server->clients, SERVER_CLIENTS, now);
}

/* Those who wait for a worker get it in turn. */
static void serve_clients(struct server *server, const struct pollfd polled[POLL_COUNT])
{
    for (uint32_t i = 0; i < SERVER_CLIENTS; i++) {
        const uint32_t slot = (server->first + i) % SERVER_CLIENTS;
        struct client *client = &server->clients[slot];
        if (client->fd < 0)
            clear_away(server, client);
        else if (polled[POLL_CLIENTS + slot].fd >= 0)
            serve_client(server, client, polled[POLL_CLIENTS + slot].revents, clock_ms());
    }
    server->first = (server->first + 1) % SERVER_CLIENTS;
}

/* Those who wait for events learn of the VM's end, if they read it. */
static void tell_last_events(struct server *server, uint64_t now)
{
    for (uint32_t i = 0; i < SERVER_CLIENTS; i++) {
        struct client *client = &server->clients[i];
        if (client->fd < 0 || client->wait != CLIENT_AWAITS)
            continue;
        desk_serve(&server->desk, client, now);
        if (client->output_length > 0)
            client_flush(client, now);
    }
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = POLL_PAUSE_MS * 1000000L}, NULL);
}

void server_run(struct server *server)
{
    struct pollfd polled[POLL_COUNT];
    for (;;) {
        int wait = prepare(server, polled, clock_ms());
        int ready = poll(polled, polled_count(server), wait);
        if (ready < 0) {
            if (errno != EINTR)
                pause_briefly(); /* a shortage in the kernel */
            continue;            /* polled is not filled in */
        }
        if (polled[POLL_STOP].revents != 0) {
            tell_last_events(server, clock_ms());
            return;
        }
        if (polled[POLL_DONE].revents != 0)
            take_answers(server, clock_ms());
        serve_clients(server, polled);
        if (polled[POLL_LISTENER].revents != 0)
            accept_one(server, clock_ms());
    }
}

void server_end(struct server *server)
{
    for (uint32_t i = 0; i < SERVER_CLIENTS; i++)
        if (server->clients[i].fd >= 0) {
            desk_forget(&server->desk, server->clients[i].number);
            client_end(&server->clients[i]);
        }
}

void server_close_descriptors(struct server *server)
{
    int descriptor;

    for (uint32_t i = 0; i < SERVER_CLIENTS; i++)
        while ((descriptor = client_take_descriptor(&server->clients[i])) >= 0)
            close(descriptor);
}
