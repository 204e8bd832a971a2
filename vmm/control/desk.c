/* SPDX-License-Identifier: MIT */
#include "vmm/control/desk.h"

#include <string.h>

/* NULL: none is free. */
static struct worker *free_worker(struct desk *desk, enum service_kind kind)
{
    for (uint32_t i = 0; i < WORKERS; i++)
        if (desk->workers[i].kind == kind && worker_state(&desk->workers[i]) == WORKER_FREE)
            return &desk->workers[i];
    return NULL;
}

static const char *late_text(enum service_kind kind, bool is_under_way)
{
    if (!is_under_way)
        return "calls before this one wait for something that does not come, such as a file that "
               "does not answer; nothing was done";
    switch (kind) {
    case SERVICE_MACHINE:
        return "a vCPU has not stopped for 9 s: it waits for the host, perhaps for a page of a "
               "file that does not answer; the call holds as soon as it stops";
    case SERVICE_ATTACH:
        return "the file does not answer, or its pages are still being made, after 9 s; the call "
               "goes on, see holdfastctl objects";
    case SERVICE_DETACH:
        return "the host has not let go of the object's pages for 9 s; the call goes on";
    default:
        return "the arena has been busy for 9 s; the host may be out of memory, or a file not "
               "answer";
    }
}

static void refuse(struct client *client, uint64_t id, Status status, const char *text,
                   uint64_t now)
{
    client_reply(client, service_refuse(id, status, text, client->output + FRAME_HEADER), now);
}

/* Hands the request over; false: no worker is free. */
static bool hand_over(struct desk *desk, struct client *client, enum service_kind kind,
                      struct service_request *request, bool takes_descriptor)
{
    struct worker *worker = free_worker(desk, kind);

    if (worker == NULL)
        return false;
    request->asker = client->number;
    request->turn = ++desk->turns;
    request->descriptor = takes_descriptor ? client_take_descriptor(client) : -1;
    client->turn = request->turn;
    worker->request = *request;
    worker_ask(worker);
    return true;
}

static void sort(struct desk *desk, struct client *client, const uint8_t *message, uint32_t length,
                 uint64_t now)
{
    struct service_request request;
    bool takes_descriptor = false;
    int none = -1;
    const enum service_kind kind =
        service_sort(&desk->answerer, message, length, &request, &takes_descriptor);

    if (kind == SERVICE_EVENTS && client->wait == CLIENT_WAITS_NOT && request.event_wait_ms > 0 &&
        !service_has_event(request.event)) {
        client_await(client, request.event, request.event_wait_ms, now);
        return;
    }
    if (kind == SERVICE_AT_ONCE || kind == SERVICE_EVENTS) {
        client->wait = CLIENT_WAITS_NOT;
        const size_t answered =
            service_answer(desk->service, &desk->answerer, client->number, &none, message, length,
                           client->output + FRAME_HEADER, &client->after);
        client_take(client);
        client_reply(client, answered, now);
        return;
    }
    client->kind = kind;
    client->id = request.id;
    if (hand_over(desk, client, kind, &request, takes_descriptor)) {
        client_take(client);
        client_wait(client, CLIENT_UNDER_WAY, now);
    } else {
        client_wait(client, CLIENT_QUEUED, now);
    }
}

/* What has waited for too long is answered; a worker's later answer is for nobody. */
static void give_up(struct client *client, uint64_t now)
{
    const bool is_under_way = client->wait == CLIENT_UNDER_WAY;

    if (!is_under_way)
        client_take(client);
    /* It was for this request, and must not become the next one's. */
    if (client->descriptors > 0)
        client->last = true;
    client->wait = CLIENT_WAITS_NOT;
    refuse(client, client->id, STATUS(BUSY), late_text(client->kind, is_under_way), now);
}

void desk_serve(struct desk *desk, struct client *client, uint64_t now)
{
    const uint8_t *message;
    uint32_t length;

    if (client->wait == CLIENT_AWAITS && now < client->deadline_ms &&
        !service_has_event(client->event))
        return;
    if ((client->wait == CLIENT_QUEUED || client->wait == CLIENT_UNDER_WAY) &&
        now >= client->deadline_ms) {
        give_up(client, now);
        return;
    }
    if (client->output_length > 0 || client->wait == CLIENT_UNDER_WAY)
        return;
    if (client_has_stray(client)) {
        client->last = true;
        refuse(client, 0, STATUS(BAD_REQUEST),
               client->is_cut ? "more than one descriptor at once, or one that the VMM cannot get: "
                                "it has too many open files (ulimit -n), or AppArmor keeps the "
                                "file from it (DENIED in the kernel's log)"
                              : "a descriptor that belongs to no request: one comes with an "
                                "Attach, none with others",
               now);
        return;
    }
    switch (client_look(client, &message, &length)) {
    case FRAME_COMPLETE:
        sort(desk, client, message, length, now);
        break;
    case FRAME_TOO_LARGE:
        client->last = true;
        refuse(client, 0, STATUS(TOO_LARGE), "a request frame above 65536 bytes", now);
        break;
    default:
        break;
    }
}

static void deliver(struct desk *desk, struct worker *worker, struct client *clients,
                    uint32_t count, uint64_t now)
{
    const struct service_request *request = &worker->request;
    bool is_there = request->asker == 0;

    for (uint32_t i = 0; i < count; i++) {
        struct client *client = &clients[i];
        if (client->fd < 0 || client->number != request->asker)
            continue;
        is_there = true;
        /* Else it was told that this takes too long. */
        if (client->wait != CLIENT_UNDER_WAY || client->turn != request->turn)
            continue;
        memcpy(client->output + FRAME_HEADER, worker->response, worker->answered);
        client->wait = CLIENT_WAITS_NOT;
        client_reply(client, worker->answered, now);
    }
    /* It may have begun a drill when its client was gone. */
    if (!is_there)
        desk_forget(desk, request->asker);
}

void desk_deliver(struct desk *desk, struct client *clients, uint32_t count, uint64_t now)
{
    for (uint32_t i = 0; i < WORKERS; i++) {
        struct worker *worker = &desk->workers[i];
        if (worker_state(worker) != WORKER_DONE)
            continue;
        deliver(desk, worker, clients, count, now);
        worker_release(worker);
    }
}

void desk_forget(struct desk *desk, uint64_t number)
{
    if (!service_forget(desk->service, number))
        return;
    for (uint32_t i = 0; i < WORKERS; i++)
        if (desk->workers[i].kind == SERVICE_LISTS)
            worker_wake(&desk->workers[i]);
}

bool desk_close(struct desk *desk, int descriptor)
{
    struct worker *worker = free_worker(desk, SERVICE_ATTACH);

    if (worker == NULL)
        return false;
    worker->request.asker = 0;
    worker->request.length = 0;
    worker->request.descriptor = descriptor;
    worker_ask(worker);
    return true;
}
