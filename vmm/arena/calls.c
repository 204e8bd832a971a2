/* SPDX-License-Identifier: MIT
 * The calls of the ABI: decide in the table, make the host follow, commit. */
#include "room.h"

#include <string.h>

enum hf_status arena_object_open(struct arena *arena, struct hf_object_open *call)
{
    enum hf_status status = HF_NO_OBJECT;

    if (memchr(call->name, '\0', sizeof call->name) == NULL)
        return HF_NO_OBJECT;
    pthread_mutex_lock(&arena->lock);
    const uint32_t slot = backings_by_name(&arena->backings, call->name);
    if (slot != 0) {
        const struct backing *backing = &arena->backings.object[slot];
        call->bytes = backing->bytes;
        call->id = backing->id;
        call->rights = backing->writable ? HF_OBJECT_WRITABLE : 0;
        status = HF_OK;
    }
    pthread_mutex_unlock(&arena->lock);
    return status;
}

/* Sets aside what the host needs for a window: ballast, second-level tables. Allocates. */
static bool set_aside(struct arena *arena, int vcpu_fd, const struct window_state *state)
{
    if (memory_settle(arena->memory) < 0)
        return false;
    return !memory_can_prefault(arena->memory) ||
           memory_prefault(arena->memory, vcpu_fd, state->arena_page, state->pages) == 0;
}

static enum hf_status reserve(struct arena *arena, int vcpu_fd, struct hf_reserve *call)
{
    const struct window_wish wish = {
        .bytes = call->bytes,
        .tag = call->tag,
        .flags = call->flags,
        .max_extents = call->max_extents,
    };
    struct window *window;
    struct window_state state;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = windows_reserve(arena->windows, &wish, &window);
    if (status == HF_OK) {
        window_describe(window, &state);
        arena_charge(arena);
    }
    pthread_mutex_unlock(&arena->lock);
    if (status != HF_OK)
        return status;

    /* Without the lock: this allocates, and nobody else can find the window yet. */
    if (!set_aside(arena, vcpu_fd, &state))
        status = HF_NO_RESOURCES;

    pthread_mutex_lock(&arena->lock);
    if (status == HF_OK) {
        windows_publish(arena->windows, window);
    } else {
        windows_abandon(arena->windows, window);
        arena_charge(arena);
    }
    pthread_mutex_unlock(&arena->lock);
    if (status != HF_OK)
        memory_settle(arena->memory); /* gives back what was had in vain */

    call->max_extents = state.max_extents;
    call->window = state.handle;
    call->base.value = state.arena_page * HF_PAGE_SIZE;
    call->pages = state.pages;
    return status;
}

enum hf_status arena_reserve(struct arena *arena, int vcpu_fd, struct hf_reserve *call)
{
    /* One after the other: what one is refused must not be missed by another. */
    pthread_mutex_lock(&arena->reserve_lock);
    const enum hf_status status = reserve(arena, vcpu_fd, call);
    pthread_mutex_unlock(&arena->reserve_lock);
    return status;
}

static struct map_wish map_wish(const struct hf_map *call)
{
    return (struct map_wish){
        .window = call->window,
        .page_offset = call->page_offset,
        .tag = call->tag,
        .flags = call->flags,
        .cache = call->cache,
    };
}

/* Copies the guest's list, once. The lock is held. */
static enum hf_status copy_list(struct arena *arena, const struct hf_map *call)
{
    if (call->extents == 0)
        return HF_EMPTY_LIST;
    if (call->extents > HF_LIST_MAX)
        return HF_TOO_LARGE;
    const size_t bytes = call->extents * sizeof(struct hf_extent);
    const void *list = memory_ram_at(arena->memory, call->list.value, bytes);
    if (list == NULL || call->list.value % 8 != 0)
        return HF_BAD_ADDRESS;
    memcpy(arena->list, list, bytes);
    return HF_OK;
}

/* Adds up what a call has cost. window is not NULL where the call succeeded. The lock is held. */
static void note_call(struct arena *arena, const struct window *window, enum hf_status status,
                      const struct map_effort *effort, uint64_t began)
{
    if (effort->refusals > 0) {
        atomic_fetch_add(&arena->refusals, effort->refusals);
        if (status == HF_OK) {
            atomic_fetch_add(&arena->rescued, 1);
            windows_count_rescued(arena->windows, window);
        }
    }
    if (began != 0)
        drill_note(arena, status, began);
}

static void tell_mapped(struct hf_map *call, const struct map_plan *plan)
{
    call->cache = (uint32_t)plan->cache;
    call->address.value = plan->arena_page * HF_PAGE_SIZE;
    call->pages = plan->pages;
}

enum hf_status arena_map(struct arena *arena, int vcpu_fd, struct hf_map *call)
{
    const uint64_t began = drill_clock(arena);
    const struct map_wish wish = map_wish(call);
    struct map_effort effort = {0};
    struct map_plan plan = {.window = NULL};

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = copy_list(arena, call);
    if (status == HF_OK)
        status = windows_decide_map(arena->windows, &wish, arena->list, call->extents, arena->runs,
                                    &plan);
    if (status == HF_OK && memory_map(arena->memory, vcpu_fd, plan.arena_page, plan.runs,
                                      plan.count, plan.writable, &effort) < 0)
        status = HF_HOST_FAILURE;
    if (status == HF_OK) {
        windows_commit_map(arena->windows, &plan);
        tell_mapped(call, &plan);
    }
    note_call(arena, plan.window, status, &effort, began);
    pthread_mutex_unlock(&arena->lock);
    return status;
}

enum hf_status arena_unmap(struct arena *arena, const struct hf_unmap *call)
{
    const struct unmap_wish wish = {
        .window = call->window,
        .page_offset = call->page_offset,
        .pages = call->pages,
        .tag = call->tag,
    };
    const uint64_t began = drill_clock(arena);
    struct map_effort effort = {0};
    struct unmap_plan plan = {.window = NULL};

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = windows_decide_unmap(arena->windows, &wish, &plan);
    if (status == HF_OK) {
        memory_guard(arena->memory, plan.arena_page, plan.pages, &effort);
        windows_commit_unmap(arena->windows, &plan);
    }
    note_call(arena, plan.window, status, &effort, began);
    pthread_mutex_unlock(&arena->lock);
    return status;
}

/* Puts the guard over what the old mapping had and the new one does not cover. */
static void guard_rest(struct memory *memory, const struct unmap_plan *old,
                       const struct map_plan *new, struct map_effort *effort)
{
    const uint64_t old_end = old->arena_page + old->pages;
    const uint64_t new_end = new->arena_page + new->pages;

    if (new_end <= old->arena_page || old_end <= new->arena_page) {
        memory_guard(memory, old->arena_page, old->pages, effort);
        return;
    }
    if (old->arena_page < new->arena_page)
        memory_guard(memory, old->arena_page, new->arena_page - old->arena_page, effort);
    if (new_end < old_end)
        memory_guard(memory, new_end, old_end - new_end, effort);
}

enum hf_status arena_remap(struct arena *arena, int vcpu_fd, struct hf_remap *call)
{
    const uint64_t began = drill_clock(arena);
    const struct map_wish wish = map_wish(&call->map);
    struct map_effort effort = {0};
    struct map_plan map = {.window = NULL};
    struct unmap_plan unmap;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = copy_list(arena, &call->map);
    if (status == HF_OK)
        status = windows_decide_remap(arena->windows, &wish, call->old_offset, call->old_pages,
                                      arena->list, call->map.extents, arena->runs, &map, &unmap);
    if (status == HF_OK && memory_map(arena->memory, vcpu_fd, map.arena_page, map.runs, map.count,
                                      map.writable, &effort) < 0) {
        /* Part of the old mapping may be gone: the guest is told that all of it is. */
        memory_guard(arena->memory, unmap.arena_page, unmap.pages, &effort);
        windows_commit_unmap(arena->windows, &unmap);
        status = HF_HOST_FAILURE;
    }
    if (status == HF_OK) {
        guard_rest(arena->memory, &unmap, &map, &effort);
        windows_commit_remap(arena->windows, &map, &unmap);
        tell_mapped(&call->map, &map);
    }
    note_call(arena, map.window, status, &effort, began);
    pthread_mutex_unlock(&arena->lock);
    return status;
}

enum hf_status arena_release(struct arena *arena, const struct hf_release *call)
{
    struct window *window;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status =
        windows_decide_release(arena->windows, call->window, call->tag, &window);
    if (status == HF_OK) {
        windows_commit_release(arena->windows, window);
        arena_charge(arena);
    }
    pthread_mutex_unlock(&arena->lock);
    return status;
}

enum hf_status arena_stat(struct arena *arena, struct hf_stat *call)
{
    struct window_state state;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = windows_stat(arena->windows, call->window, &state);
    pthread_mutex_unlock(&arena->lock);
    if (status == HF_OK)
        *call = (struct hf_stat){
            .window = state.handle,
            .base = {state.arena_page * HF_PAGE_SIZE},
            .pages = state.pages,
            .mapped_pages = state.mapped_pages,
            .tag = state.tag,
            .flags = state.flags,
            .max_extents = state.max_extents,
            .extents = state.extents,
            .mappings = state.mappings,
            .maps = state.maps,
            .unmaps = state.unmaps,
            .faults = state.faults,
        };
    return status;
}
