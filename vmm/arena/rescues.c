/* SPDX-License-Identifier: MIT
 * The board on which calls show that they are being rescued. */
#include "room.h"

#include <sched.h>
#include <stdlib.h>

#define LOOKS_MOST 100u /* at a slot that is being written */

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

static void write_slot(struct rescue_slot *slot, const struct arena_call *call)
{
    struct window_state state = {0};

    if (call->window != NULL)
        window_describe(call->window, &state);
    write_begin(slot);
    atomic_store(&slot->call, call->name);
    atomic_store(&slot->since_ns, call->memory.since);
    atomic_store(&slot->window, state.handle);
    atomic_store(&slot->address, state.arena_page * HF_PAGE_SIZE);
    atomic_store(&slot->tag, state.tag);
    atomic_store(&slot->attempts, call->memory.attempts);
    atomic_store(&slot->system_call, call->memory.system_call);
    atomic_store(&slot->error, call->memory.cause);
    atomic_store(&slot->is_injected, call->memory.injected);
    atomic_store(&slot->has_lent, call->memory.has_lent);
    write_end(slot);
}

void rescue_show(struct arena_call *call)
{
    struct arena *arena = call->arena;
    const bool is_new = !call->is_shown;

    if (is_new) {
        call->is_shown = true;
        atomic_fetch_add(&arena->rescues_under_way, 1);
    }
    if (call->slot == NULL)
        call->slot = take_slot(arena);
    if (call->slot != NULL)
        write_slot(call->slot, call);
    if (is_new)
        sem_post(&arena->teller.work);
}

void rescue_clear(struct arena_call *call)
{
    struct rescue_slot *slot = call->slot;

    if (!call->is_shown)
        return;
    if (slot != NULL) {
        write_begin(slot);
        atomic_store(&slot->since_ns, 0);
        write_end(slot);
        atomic_store(&slot->is_taken, false);
    }
    call->slot = NULL;
    call->is_shown = false;
    atomic_fetch_sub(&call->arena->rescues_under_way, 1);
}

/* false: it was written meanwhile. */
static bool read_once(struct rescue_slot *slot, struct arena_rescue *rescue)
{
    const uint32_t sequence = atomic_load(&slot->sequence);

    *rescue = (struct arena_rescue){
        .call = atomic_load(&slot->call),
        .since_ns = atomic_load(&slot->since_ns),
        .window = atomic_load(&slot->window),
        .address = atomic_load(&slot->address),
        .tag = atomic_load(&slot->tag),
        .attempts = atomic_load(&slot->attempts),
        .system_call = atomic_load(&slot->system_call),
        .error = atomic_load(&slot->error),
        .injected = atomic_load(&slot->is_injected),
        .has_lent = atomic_load(&slot->has_lent),
    };
    return sequence % 2 == 0 && atomic_load(&slot->sequence) == sequence;
}

bool rescue_read(struct rescue_slot *slot, struct arena_rescue *rescue)
{
    for (uint32_t look = 0; look < LOOKS_MOST; look++) {
        if (!read_once(slot, rescue)) {
            sched_yield();
            continue;
        }
        const uint64_t now = drill_now();
        rescue->waited_ns = now > rescue->since_ns ? now - rescue->since_ns : 0;
        return rescue->since_ns != 0;
    }
    return false;
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
    uint32_t count = 0;

    *all = atomic_load(&arena->rescues_under_way);
    for (uint32_t i = 0; i < ARENA_RESCUES_MOST && count < room; i++)
        if (rescue_read(&arena->rescues[i], &rescues[count]))
            count++;
    if (*all < count)
        *all = count;
    qsort(rescues, count, sizeof *rescues, by_age);
    return count;
}
