/* SPDX-License-Identifier: MIT
 * What operators see of the arena and do to its objects. */
#include "room.h"
#include "vmm/events/events.h"

#include <string.h>
#include <unistd.h>

uint32_t arena_windows(struct arena *arena, uint64_t from, struct window_state *states,
                       uint32_t room)
{
    uint32_t count = 0;

    pthread_mutex_lock(&arena->lock);
    const struct window *window = windows_next(arena->windows, from);
    while (window != NULL && count < room) {
        window_describe(window, &states[count]);
        window = windows_next(arena->windows, states[count].arena_page + 1);
        count++;
    }
    pthread_mutex_unlock(&arena->lock);
    return count;
}

uint32_t arena_objects(struct arena *arena, struct object_state *states, uint32_t room)
{
    uint32_t count = 0;

    pthread_mutex_lock(&arena->lock);
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS && count < room; slot++) {
        const struct backing *backing = &arena->backings.object[slot];
        const struct object *object = memory_object(arena->memory, slot);
        if (backing->id == 0)
            continue;
        struct object_state *state = &states[count++];
        *state = (struct object_state){
            .id = backing->id,
            .bytes = backing->bytes,
            .writable = backing->writable,
            .extents = backing->extents,
            .kind = object_kind_name(object->kind),
        };
        memcpy(state->name, backing->name, sizeof state->name);
        memcpy(state->source, object->source, sizeof state->source);
    }
    pthread_mutex_unlock(&arena->lock);
    return count;
}

/* Gives the object a slot, in which it stays. 0, or -1 with the error set. */
static int enter(struct arena *arena, const struct object_spec *spec, const struct object *object,
                 struct error *error)
{
    int result = -1;

    pthread_mutex_lock(&arena->lock);
    if (object->bytes / HF_PAGE_SIZE >= BACKING_PAGES_MAX) {
        error_set(error, "object %s: %llu bytes are too many, an object has less than 4 PiB",
                  spec->name, (unsigned long long)object->bytes);
    } else if (backings_by_name(&arena->backings, spec->name) != 0) {
        error_set(error, "object %s is attached already; choose another name or detach it first",
                  spec->name);
    } else {
        const uint32_t slot =
            backings_attach(&arena->backings, spec->name, object->bytes, object->writable);
        if (slot == 0) {
            error_set(error, "object %s: no room; %u are attached, at most %u can be", spec->name,
                      arena->backings.attached, BACKINGS_OBJECTS);
        } else {
            memory_attach(arena->memory, slot, object);
            atomic_store(&arena->objects_now, arena->backings.attached);
            result = 0;
        }
    }
    pthread_mutex_unlock(&arena->lock);
    return result;
}

static void record(enum event_kind kind, const char *name)
{
    events_record(&(struct event){.kind = kind}, name);
}

int arena_attach(struct arena *arena, const struct object_spec *spec, struct made_file *new_file,
                 struct error *error)
{
    struct object object;

    if (object_check(spec, error) < 0 || object_open(spec, &object, error) < 0)
        return -1;
    if (memory_make_object(arena->memory, spec->name, &object, error) < 0 ||
        enter(arena, spec, &object, error) < 0) {
        made_file_remove(&object.new_file, spec->path);
        object_close(&object);
        return -1;
    }
    if (new_file != NULL)
        *new_file = object.new_file;
    record(EVENT_ATTACHED, spec->name);
    return 0;
}

int arena_attach_file(struct arena *arena, const struct object_spec *spec, int fd,
                      struct error *error)
{
    struct object object;

    if (object_take(spec, fd, &object, error) < 0)
        return -1;
    if (memory_make_object(arena->memory, spec->name, &object, error) == 0 &&
        enter(arena, spec, &object, error) == 0) {
        record(EVENT_ATTACHED, spec->name);
        return 0;
    }
    object_close(&object);
    return -1;
}

/* One step of taking an object's pages out of the windows. The lock is held. Returns whether there
 * are more; none if it is given up. */
static bool take_away(struct arena_call *it, uint32_t slot)
{
    struct arena *arena = it->arena;
    uint64_t taken = 0;
    uint64_t page;
    uint64_t pages;

    for (uint32_t i = 0; i < ARENA_STEP_EXTENTS && taken < ARENA_STEP_PAGES; i++) {
        const struct window *window = windows_next_user(arena->windows, slot);
        if (window == NULL)
            return false;
        /* A REMAP may have put other pages there. From here on no other call changes the window
         * until the pages are away. */
        if (call_take_turn(it, window) != CALL_GOES_ON)
            return !it->given_up;
        windows_disown(arena->windows, slot, &page, &pages);
        if (!memory_guard(arena->memory, page, pages, &it->memory))
            return false;
        it->window = NULL;
        taken += pages;
    }
    return true;
}

static void take_all_away(struct arena *arena, uint32_t slot)
{
    const struct arena_caller nobody = {.vcpu_fd = -1};
    struct arena_call it = call_begin(arena, &nobody, "detach", true);

    for (bool more = true; more;) {
        const uint64_t began = step_begin(arena);
        more = take_away(&it, slot);
        call_end(&it);
        step_end(arena, began, more);
    }
    arena_note_work(arena, &it.memory);
}

enum arena_detach arena_detach(struct arena *arena, const char *name, bool force)
{
    enum arena_detach result = ARENA_NO_OBJECT;

    pthread_mutex_lock(&arena->lock);
    const uint32_t slot = backings_by_name(&arena->backings, name);
    const bool in_use = slot != 0 && arena->backings.object[slot].extents > 0;
    if (slot != 0)
        result = arena->is_half_done || calls_use(arena, slot) ? ARENA_BUSY
                 : in_use && !force                            ? ARENA_IN_USE
                                                               : ARENA_DETACHED;
    if (result == ARENA_DETACHED) {
        /* From here on no call finds it. The pin keeps its slot until its last page is away. */
        backings_pin(&arena->backings, slot);
        backings_detach(&arena->backings, slot);
        atomic_store(&arena->objects_now, arena->backings.attached);
    }
    pthread_mutex_unlock(&arena->lock);
    if (result != ARENA_DETACHED)
        return result;

    if (in_use)
        take_all_away(arena, slot);
    arena_unpin(arena, slot);
    record(EVENT_DETACHED, name);
    return ARENA_DETACHED;
}
