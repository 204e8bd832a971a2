/* SPDX-License-Identifier: MIT
 * The board on which calls, and vCPUs outside of any, show that they are being rescued. */
#include "room.h"
#include "vmm/events/events.h"

#include <sched.h>
#include <stdlib.h>

#define LOOKS_MOST      100u /* at a slot that is being written */
#define ACCESS_SHOWN_NS 500000000u

static void write_begin(struct rescue_slot *slot)
{
    atomic_fetch_add(&slot->sequence, 1);
}

static void write_end(struct rescue_slot *slot)
{
    atomic_fetch_add(&slot->sequence, 1);
}

/* NULL: all are taken. */
static struct rescue_slot *take_slot(struct arena *arena)
{
    for (uint32_t i = 0; i < ARENA_RESCUES_MOST; i++)
        if (!atomic_exchange(&arena->rescues[i].is_taken, true))
            return &arena->rescues[i];
    return NULL;
}

static void write_slot(struct rescue_slot *slot, const struct arena_rescue *shown)
{
    write_begin(slot);
    atomic_store(&slot->call, shown->call);
    atomic_store(&slot->is_access, shown->is_access);
    atomic_store(&slot->vcpu, shown->vcpu);
    atomic_store(&slot->since_ns, shown->since_ns);
    atomic_store(&slot->refused_ns, shown->refused_ns);
    atomic_store(&slot->window, shown->window);
    atomic_store(&slot->address, shown->address);
    atomic_store(&slot->has_address, shown->has_address);
    atomic_store(&slot->tag, shown->tag);
    atomic_store(&slot->attempts, shown->attempts);
    atomic_store(&slot->system_call, shown->system_call);
    atomic_store(&slot->error, shown->error);
    atomic_store(&slot->is_injected, shown->injected);
    atomic_store(&slot->has_lent, shown->has_lent);
    write_end(slot);
}

/* false: it was written meanwhile. */
static bool read_once(struct rescue_slot *slot, struct arena_rescue *rescue)
{
    const uint32_t sequence = atomic_load(&slot->sequence);

    *rescue = (struct arena_rescue){
        .call = atomic_load(&slot->call),
        .is_access = atomic_load(&slot->is_access),
        .vcpu = atomic_load(&slot->vcpu),
        .since_ns = atomic_load(&slot->since_ns),
        .refused_ns = atomic_load(&slot->refused_ns),
        .window = atomic_load(&slot->window),
        .address = atomic_load(&slot->address),
        .has_address = atomic_load(&slot->has_address),
        .tag = atomic_load(&slot->tag),
        .attempts = atomic_load(&slot->attempts),
        .system_call = atomic_load(&slot->system_call),
        .error = atomic_load(&slot->error),
        .injected = atomic_load(&slot->is_injected),
        .has_lent = atomic_load(&slot->has_lent),
    };
    return sequence % 2 == 0 && atomic_load(&slot->sequence) == sequence;
}

static void record(enum event_kind kind, const struct arena_rescue *rescue)
{
    struct event event = {.kind = kind,
                          .vcpu = rescue->vcpu,
                          .has_vcpu = rescue->is_access,
                          .tag = rescue->tag,
                          .window = rescue->window,
                          .address = rescue->has_address ? rescue->address : 0,
                          .has_address = rescue->has_address,
                          .waited_ms = rescue->waited_ns / 1000000};

    events_record(&event, rescue->call);
}

/* slot and is_shown are those of the call or the vCPU. */
static void show(struct arena *arena, struct rescue_slot **slot, bool *is_shown,
                 const struct arena_rescue *shown)
{
    const bool is_new = !*is_shown;

    if (is_new) {
        *is_shown = true;
        atomic_fetch_add(&arena->rescues_under_way, 1);
    }
    if (*slot == NULL)
        *slot = take_slot(arena);
    if (*slot != NULL)
        write_slot(*slot, shown);
    if (is_new) {
        record(EVENT_RESCUE_BEGINS, shown);
        sem_post(&arena->teller.work);
    }
}

static void clear(struct arena *arena, struct rescue_slot **slot, bool *is_shown)
{
    if (!*is_shown)
        return;
    if (*slot != NULL) {
        struct arena_rescue ended;
        read_once(*slot, &ended); /* nobody else writes it */
        ended.waited_ns = (ended.is_access ? ended.refused_ns : arena_now()) - ended.since_ns;
        record(EVENT_RESCUE_ENDS, &ended);
        write_begin(*slot);
        atomic_store(&(*slot)->since_ns, 0);
        write_end(*slot);
        atomic_store(&(*slot)->is_taken, false);
    }
    *slot = NULL;
    *is_shown = false;
    atomic_fetch_sub(&arena->rescues_under_way, 1);
}

void rescue_show(struct arena_call *call)
{
    struct window_state state = {0};

    if (call->window != NULL)
        window_describe(call->window, &state);
    show(call->arena, &call->slot, &call->is_shown,
         &(struct arena_rescue){
             .call = call->name,
             .since_ns = call->memory.since,
             .window = state.handle,
             .address = state.arena_page * HF_PAGE_SIZE,
             .has_address = call->window != NULL,
             .tag = state.tag,
             .attempts = call->memory.attempts,
             .system_call = call->memory.system_call,
             .error = call->memory.cause,
             .injected = call->memory.injected,
             .has_lent = call->memory.has_lent,
         });
}

void rescue_clear(struct arena_call *call)
{
    clear(call->arena, &call->slot, &call->is_shown);
}

/* The vCPU alone sees that an instruction has succeeded, and only when it leaves the guest again.
 */
static bool is_over(uint64_t refused_ns, uint64_t now)
{
    return now > refused_ns && now - refused_ns > ACCESS_SHOWN_NS;
}

void arena_show_wait(struct arena *arena, struct arena_wait *wait,
                     const struct arena_refusal *refusal)
{
    const uint64_t now = arena_now();

    if (!wait->is_shown || wait->rip != refusal->rip || is_over(wait->refused_ns, now)) {
        wait->rip = refusal->rip;
        wait->since_ns = now;
        wait->attempts = 0;
    }
    wait->refused_ns = now;
    wait->attempts++;
    show(arena, &wait->slot, &wait->is_shown,
         &(struct arena_rescue){
             .call = RESCUE_ACCESS,
             .is_access = true,
             .vcpu = refusal->vcpu,
             .since_ns = wait->since_ns,
             .refused_ns = now,
             .address = refusal->gpa,
             .has_address = refusal->gpa != ARENA_GPA_UNKNOWN,
             .attempts = wait->attempts,
             .system_call = refusal->system_call,
             .error = refusal->error,
             .injected = refusal->by_drill,
         });
}

void arena_end_wait(struct arena *arena, struct arena_wait *wait)
{
    clear(arena, &wait->slot, &wait->is_shown);
}

enum rescue_slot_state rescue_read(struct rescue_slot *slot, struct arena_rescue *rescue)
{
    for (uint32_t look = 0; look < LOOKS_MOST; look++) {
        if (!read_once(slot, rescue)) {
            sched_yield();
            continue;
        }
        const uint64_t now = arena_now();
        rescue->waited_ns = now > rescue->since_ns ? now - rescue->since_ns : 0;
        if (rescue->since_ns == 0)
            return RESCUE_NONE;
        return rescue->is_access && is_over(rescue->refused_ns, now) ? RESCUE_STALE : RESCUE_SHOWN;
    }
    return RESCUE_NONE;
}

static int by_age(const void *a, const void *b)
{
    const struct arena_rescue *first = a;
    const struct arena_rescue *second = b;

    return (first->since_ns > second->since_ns) - (first->since_ns < second->since_ns);
}

uint32_t arena_rescues(struct arena *arena, struct arena_rescue *rescues, uint32_t room,
                       uint32_t *all)
{
    struct arena_rescue rescue;
    uint32_t count = 0;
    uint32_t stale = 0;

    *all = atomic_load(&arena->rescues_under_way);
    for (uint32_t i = 0; i < ARENA_RESCUES_MOST; i++) {
        const enum rescue_slot_state state = rescue_read(&arena->rescues[i], &rescue);
        stale += state == RESCUE_STALE;
        if (state == RESCUE_SHOWN && count < room)
            rescues[count++] = rescue;
    }
    *all -= stale < *all ? stale : *all;
    if (*all < count)
        *all = count;
    qsort(rescues, count, sizeof *rescues, by_age);
    return count;
}
