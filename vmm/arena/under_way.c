/* SPDX-License-Identifier: MIT
 * Calls that the host keeps waiting for memory. They wait without the arena's lock: others go on.
 * What such a call is about to do stays as it was decided: other calls on its window wait for it,
 * and its objects stay attached. */
#include "room.h"

#include <stddef.h>
#include <time.h>

static struct arena_call *call_of(struct map_call *memory)
{
    return (struct arena_call *)((char *)memory - offsetof(struct arena_call, memory));
}

static bool pause_call(const struct arena_call *call, uint64_t nanoseconds)
{
    const struct timespec pause = {.tv_nsec = (long)nanoseconds};

    if (call->caller->wait != NULL)
        return call->caller->wait(call->caller, nanoseconds);
    nanosleep(&pause, NULL);
    return !atomic_load(&call->arena->given_up);
}

/* Gives the lock back meanwhile. */
static bool wait_unlocked(struct arena_call *call, uint64_t nanoseconds)
{
    struct arena *arena = call->arena;

    if (!call->is_listed) {
        call->is_listed = true;
        call->next = arena->under_way;
        arena->under_way = call;
    }
    pthread_mutex_unlock(&arena->lock);
    call->given_up = !pause_call(call, nanoseconds);
    pthread_mutex_lock(&arena->lock);
    return !call->given_up;
}

/* The drill that is on lasts until these calls have ended. The lock is held. */
static void note_drill(struct arena_call *call)
{
    if (!call->memory.by_drill || call->is_drilled)
        return;
    call->is_drilled = true;
    call->arena->drill.held++;
}

/* map_call.wait() where the lock is held. */
static bool wait_for_host(struct map_call *memory, uint64_t nanoseconds)
{
    struct arena_call *call = call_of(memory);

    note_drill(call);
    rescue_show(call);
    return wait_unlocked(call, nanoseconds);
}

/* map_call.wait() where it is not. */
static bool wait_for_host_without_lock(struct map_call *memory, uint64_t nanoseconds)
{
    struct arena_call *call = call_of(memory);

    rescue_show(call);
    call->given_up = !pause_call(call, nanoseconds);
    return !call->given_up;
}

struct arena_call call_begin(struct arena *arena, const struct arena_caller *caller,
                             const char *name, bool locked)
{
    return (struct arena_call){
        .memory = {.vcpu_fd = caller->vcpu_fd,
                   .wait = locked ? wait_for_host : wait_for_host_without_lock},
        .name = name,
        .arena = arena,
        .caller = caller,
    };
}

static bool is_busy(const struct arena_call *call, const struct window *window)
{
    for (const struct arena_call *other = call->arena->under_way; other != NULL;
         other = other->next)
        if (other != call && other->window == window)
            return true;
    return false;
}

enum call_turn call_take_turn(struct arena_call *call, const struct window *window)
{
    if (call->arena->under_way == NULL || !is_busy(call, window)) {
        call->window = window;
        return CALL_GOES_ON;
    }
    return wait_unlocked(call, memory_pause(call->turns++)) ? CALL_DECIDES_ANEW : CALL_IS_OVER;
}

bool call_begin_reserve(struct arena_call *call)
{
    while (call->arena->is_reserving)
        if (!wait_unlocked(call, memory_pause(call->turns++)))
            return false;
    call->arena->is_reserving = true;
    return true;
}

static bool others_are_under_way(const struct arena_call *call)
{
    for (const struct arena_call *other = call->arena->under_way; other != NULL;
         other = other->next)
        if (other != call)
            return true;
    return false;
}

bool call_wait_for_others(struct arena_call *call)
{
    while (others_are_under_way(call))
        if (!wait_unlocked(call, memory_pause(call->turns++)))
            return false;
    return true;
}

bool call_take_list(struct arena_call *call)
{
    struct arena *arena = call->arena;

    while (arena->lists == NULL)
        if (!wait_unlocked(call, memory_pause(call->turns++)))
            return false;
    call->list = arena->lists;
    arena->lists = call->list->next;
    return true;
}

void call_end(struct arena_call *call)
{
    struct arena *arena = call->arena;
    struct arena_call **link = &arena->under_way;

    rescue_clear(call);
    if (call->is_listed) {
        while (*link != call)
            link = &(*link)->next;
        *link = call->next;
        call->is_listed = false;
    }
    if (call->is_drilled)
        arena->drill.held--;
    call->is_drilled = false;
    if (call->list != NULL) {
        call->list->next = arena->lists;
        arena->lists = call->list;
        call->list = NULL;
    }
}

bool calls_use(const struct arena *arena, uint32_t slot)
{
    for (const struct arena_call *call = arena->under_way; call != NULL; call = call->next) {
        for (uint32_t i = 0; i < call->runs; i++)
            if (call->list->run[i].slot == slot)
                return true;
        if (call->old != NULL && windows_unmap_has(call->old, slot))
            return true;
    }
    return false;
}
