/* SPDX-License-Identifier: MIT
 * Asks VMs side by side, without a thread for each: however many hang, they hang at the same time.
 */
#include "room.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#define AT_ONCE 256u /* connections; a VM begins when another one has ended */

struct asked {
    struct holdfast *connection; /* NULL: the place is free */
    struct metrics_vm *vm;
    uint64_t began_ns;
    uint64_t deadline_ns; /* whatever the library says: the answer may come in drops */
};

struct asking {
    struct metrics_vms *vms;
    size_t next; /* VM that is to be asked */
    uint64_t limit_ns;
    struct asked asked[AT_ONCE];
    struct pollfd polled[AT_ONCE];
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static enum metrics_state state_of(enum holdfast_status status)
{
    switch (status) {
    case HOLDFAST_OK:
        return METRICS_TOLD;
    case HOLDFAST_UNKNOWN_CALL:
        return METRICS_TOO_OLD;
    case HOLDFAST_REFUSED:
    case HOLDFAST_NOT_PERMITTED:
        return METRICS_FORBIDDEN;
    default:
        return METRICS_UNREACHABLE;
    }
}

/* The VM has been asked, whatever came of it. */
static void end(struct asked *asked, enum holdfast_status status, const char *why_not)
{
    struct metrics_vm *vm = asked->vm;

    vm->status = status;
    vm->state = state_of(status);
    vm->waited_ns = now_ns() - asked->began_ns;
    snprintf(vm->why_not, sizeof vm->why_not, "%s", why_not);
    holdfast_close(asked->connection);
    asked->connection = NULL;
}

static void take(struct asked *asked, const struct holdfast_reply *reply)
{
    struct metrics_vm *vm = asked->vm;

    if (reply->status == HOLDFAST_OK && !metrics_check(reply->metrics))
        end(asked, HOLDFAST_NONSENSE, "its metrics make no sense");
    else
        end(asked, reply->status, reply->text);
    if (vm->state != METRICS_TOLD) {
        holdfast_free(reply);
        return;
    }
    vm->reply = reply;
    tags_note(&vm->tags, reply->metrics->guarantee);
}

/* Takes what has come. */
static void proceed(struct asked *asked)
{
    const struct holdfast_reply *reply = holdfast_receive(asked->connection);

    if (reply != NULL)
        take(asked, reply);
    else if (holdfast_status(asked->connection) != HOLDFAST_OK)
        end(asked, holdfast_status(asked->connection), holdfast_text(asked->connection));
    else if (now_ns() >= asked->deadline_ns)
        end(asked, HOLDFAST_TIMED_OUT, "no answer within the time limit");
}

static void begin(struct asking *asking, struct asked *asked, struct metrics_vm *vm)
{
    asked->vm = vm;
    asked->began_ns = now_ns();
    asked->deadline_ns = asked->began_ns + asking->limit_ns;
    asked->connection =
        vm->path[0] != '\0' ? holdfast_connect_to(vm->path, vm->name) : holdfast_connect(vm->name);
    if (asked->connection == NULL) {
        end(asked, HOLDFAST_NO_MEMORY, "no memory");
        return;
    }
    if (holdfast_status(asked->connection) == HOLDFAST_OK)
        holdfast_send_metrics(asked->connection);
    proceed(asked);
}

static void fill(struct asking *asking)
{
    for (size_t i = 0; i < AT_ONCE; i++)
        while (asking->asked[i].connection == NULL && asking->next < asking->vms->count)
            begin(asking, &asking->asked[i], &asking->vms->vm[asking->next++]);
}

/* Milliseconds until the first deadline, rounded up. -1: nobody is asked. */
static int prepare(struct asking *asking)
{
    const uint64_t now = now_ns();
    uint64_t first = UINT64_MAX;

    for (size_t i = 0; i < AT_ONCE; i++) {
        struct asked *asked = &asking->asked[i];
        asking->polled[i] = (struct pollfd){.fd = -1};
        if (asked->connection == NULL)
            continue;
        asking->polled[i].fd = holdfast_fd(asked->connection);
        asking->polled[i].events = holdfast_poll_events(asked->connection);
        if (asked->deadline_ns < first)
            first = asked->deadline_ns;
    }
    if (first == UINT64_MAX)
        return -1;
    return first > now ? (int)((first - now) / 1000000) + 1 : 0;
}

void metrics_ask(struct metrics_vms *vms, uint32_t milliseconds)
{
    struct asking asking = {.vms = vms, .limit_ns = (uint64_t)milliseconds * 1000000};
    int wait;

    metrics_forget(vms);
    fill(&asking);
    while ((wait = prepare(&asking)) >= 0) {
        poll(asking.polled, AT_ONCE, wait);
        for (size_t i = 0; i < AT_ONCE; i++)
            if (asking.asked[i].connection != NULL &&
                (asking.polled[i].revents != 0 || now_ns() >= asking.asked[i].deadline_ns))
                proceed(&asking.asked[i]);
        fill(&asking);
    }
}
