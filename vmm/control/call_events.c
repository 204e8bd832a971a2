/* SPDX-License-Identifier: MIT
 * Events. Whoever waits for one is not here yet: desk.c has this called when there is one, or the
 * time is over. */
#include "vmm/control/calls.h"
#include "vmm/events/events.h"

static bool describe(struct call *call, MESSAGE(Event) * message, const struct event *event)
{
    *message = (MESSAGE(Event))MESSAGE_INIT(EVENT);
    message->number = event->number;
    message->time_ms = event->time_ms;
    message->kind = (Holdfast__Control__V1__EventKind)event->kind;
    message->vcpu = event->vcpu;
    message->vcpu_known = event->has_vcpu;
    message->by_guest = event->by_guest;
    message->window = event->window;
    message->tag = event->tag;
    message->address = event->address;
    message->address_known = event->has_address;
    message->rip = event->rip;
    message->waited_ms = event->waited_ms;
    message->left_out = event->left_out;
    message->name = call_text(call, event->name);
    return message->name != NULL;
}

static bool fill_events(struct call *call, MESSAGE(EventsReply) * reply, uint64_t after)
{
    struct event *events = call_memory(call, EVENTS_PER_REPLY, sizeof *events);
    MESSAGE(Event) *messages = call_memory(call, EVENTS_PER_REPLY, sizeof *messages);
    MESSAGE(Event) **list = call_memory(call, EVENTS_PER_REPLY, sizeof *list);
    if (events == NULL || messages == NULL || list == NULL)
        return false;
    const uint32_t count = events_read(after, events, EVENTS_PER_REPLY, &reply->next, &reply->lost);
    for (uint32_t i = 0; i < count; i++) {
        if (!describe(call, &messages[i], &events[i]))
            return false;
        list[i] = &messages[i];
    }
    reply->events = list;
    reply->n_events = count;
    return true;
}

void call_events(struct call *call)
{
    const MESSAGE(EventsRequest) *request = call->request->events;
    MESSAGE(EventsReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL)
        return;
    *reply = (MESSAGE(EventsReply))MESSAGE_INIT(EVENTS_REPLY);
    if (request->from_now)
        reply->next = events_last();
    else if (!fill_events(call, reply, request->after))
        return;
    call->response->events = reply;
    call->response->reply_case = REPLY(EVENTS);
}
