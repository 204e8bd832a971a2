/* SPDX-License-Identifier: MIT
 * What operators see of the arena and do to its objects. */
#include "room.h"

#include <stdio.h>
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

/* First page of a cell, counted from the arena's base; cell == count gives the arena's end. */
static uint64_t cell_start(uint64_t pages, uint32_t cell, uint32_t count)
{
    return (uint64_t)((unsigned __int128)pages * cell / count);
}

/* Adds a range of pages, counted from the arena's base, to the cells that it touches. */
static void paint(struct arena_cell *cells, uint32_t count, uint64_t total, uint64_t from,
                  uint64_t pages, bool mapped)
{
    const uint64_t end = from + pages;
    uint32_t cell = (uint32_t)((unsigned __int128)from * count / total);

    for (; cell < count; cell++) {
        const uint64_t start = cell_start(total, cell, count);
        const uint64_t stop = cell_start(total, cell + 1, count);
        if (start >= end)
            return;
        const uint64_t first = from > start ? from : start;
        const uint64_t last = end < stop ? end : stop;
        if (last > first)
            *(mapped ? &cells[cell].mapped : &cells[cell].reserved) += last - first;
    }
}

void arena_picture(struct arena *arena, struct arena_cell *cells, uint32_t count)
{
    const uint64_t base = memory_arena_base(arena->memory) / HF_PAGE_SIZE;
    const uint64_t total = memory_arena_bytes(arena->memory) / HF_PAGE_SIZE;
    struct window_state state;
    struct mapped_run run;

    for (uint32_t i = 0; i < count; i++)
        cells[i] = (struct arena_cell){.pages = cell_start(total, i + 1, count) -
                                                cell_start(total, i, count)};
    pthread_mutex_lock(&arena->lock);
    for (const struct window *window = windows_next(arena->windows, 0); window != NULL;
         window = windows_next(arena->windows, state.arena_page + 1)) {
        window_describe(window, &state);
        paint(cells, count, total, state.arena_page - base, state.pages, false);
        for (uint64_t at = 0; window_next_run(window, at, &run); at = run.page_offset + run.pages) {
            if (!run.gone)
                paint(cells, count, total, state.arena_page - base + run.page_offset, run.pages,
                      true);
        }
    }
    pthread_mutex_unlock(&arena->lock);
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

int arena_attach(struct arena *arena, const struct object_spec *spec, bool *created,
                 struct error *error)
{
    struct object object;
    int result = -1;

    if (object_check(spec, error) < 0 || object_open(spec, &object, error) < 0)
        return -1;
    if (memory_make_object(arena->memory, spec->name, &object, error) < 0) {
        object_close(&object);
        if (object.created)
            unlink(spec->path);
        return -1;
    }

    pthread_mutex_lock(&arena->lock);
    if (object.bytes / HF_PAGE_SIZE >= BACKING_PAGES_MAX) {
        error_set(error, "object %s: %llu bytes are too many, an object has less than 4 PiB",
                  spec->name, (unsigned long long)object.bytes);
    } else if (backings_by_name(&arena->backings, spec->name) != 0) {
        error_set(error, "object %s is attached already; choose another name or detach it first",
                  spec->name);
    } else {
        const uint32_t slot =
            backings_attach(&arena->backings, spec->name, object.bytes, object.writable);
        if (slot == 0) {
            error_set(error, "object %s: no room; %u are attached, at most %u can be", spec->name,
                      arena->backings.attached, BACKINGS_OBJECTS);
        } else {
            memory_attach(arena->memory, slot, &object);
            result = 0;
        }
    }
    pthread_mutex_unlock(&arena->lock);

    if (result < 0) {
        object_close(&object);
        if (object.created)
            unlink(spec->path);
    } else if (created != NULL) {
        *created = object.created;
    }
    return result;
}

enum arena_detach arena_detach(struct arena *arena, const char *name, bool force)
{
    enum arena_detach result = ARENA_NO_OBJECT;
    struct map_call call = {.vcpu_fd = -1};
    struct object object = {.fd = -1};
    uint64_t page;
    uint64_t pages;

    pthread_mutex_lock(&arena->lock);
    const uint32_t slot = backings_by_name(&arena->backings, name);
    if (slot != 0 && arena->backings.object[slot].extents > 0 && !force) {
        result = ARENA_IN_USE;
    } else if (slot != 0) {
        while (windows_disown(arena->windows, slot, &page, &pages))
            memory_guard(arena->memory, page, pages, &call);
        if (backings_detach(&arena->backings, slot))
            object = memory_detach(arena->memory, slot);
        result = ARENA_DETACHED;
    }
    pthread_mutex_unlock(&arena->lock);
    arena_note_work(arena, &call);
    object_close(&object);
    return result;
}
