/* SPDX-License-Identifier: MIT
 * Replies about what has happened. */
#include "vmm/client/reply.h"

bool describe_events(struct reply *reply, const MESSAGE(EventsReply) * events)
{
    const size_t count = events->n_events;
    struct holdfast_events_reply *seen = REPLY_MAKE(reply, holdfast_events_reply);
    struct holdfast_event **list =
        (struct holdfast_event **)reply_array(reply, count, sizeof(struct holdfast_event));
    if (seen == NULL || list == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const MESSAGE(Event) *event = events->events[i];
        *list[i] = (struct holdfast_event){
            .number = event->number,
            .time_ms = event->time_ms,
            .kind = (enum holdfast_event_kind)event->kind,
            .vcpu = event->vcpu,
            .vcpu_known = event->vcpu_known,
            .by_guest = event->by_guest,
            .address_known = event->address_known,
            .tag = event->tag,
            .window = event->window,
            .address = event->address,
            .rip = event->rip,
            .waited_ms = event->waited_ms,
            .left_out = event->left_out,
            .name = event->name,
        };
    }
    *seen = (struct holdfast_events_reply){
        .events = (const struct holdfast_event *const *)list,
        .events_count = count,
        .next = events->next,
        .lost = events->lost,
    };
    reply->seen.events = seen;
    return true;
}
