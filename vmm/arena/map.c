/* SPDX-License-Identifier: MIT
 * MAP, UNMAP and REMAP: decide in the table, make the host follow, commit. */
#include "room.h"
#include "vmm/log.h"

#include <string.h>

static struct map_request map_request(const struct hf_map *call)
{
    return (struct map_request){
        .window = call->window,
        .page_offset = call->page_offset,
        .tag = call->tag,
        .flags = call->flags,
        .cache = call->cache,
    };
}

/* Copies the guest's list, once. Without the lock: the page that it lies in may have to be made. */
static enum hf_status copy_list(const struct arena *arena, const struct hf_map *call,
                                struct arena_list *to)
{
    if (call->extents == 0)
        return HF_EMPTY_LIST;
    if (call->extents > HF_LIST_MAX)
        return HF_TOO_LARGE;
    const size_t bytes = call->extents * sizeof(struct hf_extent);
    const void *list = memory_ram_at(arena->memory, call->list.value, bytes);
    if (list == NULL || call->list.value % 8 != 0)
        return HF_BAD_ADDRESS;
    memcpy(to->extent, list, bytes);
    return HF_OK;
}

/* Takes the lock, and room for the list, and copies it. The lock is held on return. */
static enum hf_status begin_list(struct arena_call *it, const struct hf_map *call)
{
    struct arena *arena = it->arena;

    pthread_mutex_lock(&arena->lock);
    if (!call_take_list(it))
        return GIVEN_UP;
    pthread_mutex_unlock(&arena->lock);
    const enum hf_status status = copy_list(arena, call, it->list);
    pthread_mutex_lock(&arena->lock);
    return status;
}

static enum hf_status status_of(enum map_result result)
{
    return result == MAP_DONE ? HF_OK : result == MAP_REFUSED ? HF_HOST_FAILURE : GIVEN_UP;
}

/* Adds up what a call has cost. The lock is held. */
static void note_call(const struct arena_call *it, enum hf_status status, uint64_t began)
{
    struct arena *arena = it->arena;

    if (it->memory.refusals > 0) {
        atomic_fetch_add(&arena->refusals, it->memory.refusals);
        if (status == HF_OK) {
            atomic_fetch_add(&arena->rescued, 1);
            windows_count_rescued(arena->windows, it->window, arena_now() - it->memory.since);
        }
    }
    drill_note(arena, status, began);
}

static struct log_limit refused_lines;

/* Gives everything back, the lock too; only then is there time to write about it. */
static enum hf_status end(struct arena_call *it, enum hf_status status, enum latency_call kind,
                          uint64_t began)
{
    struct arena *arena = it->arena;

    if (!it->given_up)
        note_call(it, status, began);
    else if (it->window != NULL)
        arena->is_half_done = true;
    struct window_state window = {0};
    if (status == HF_HOST_FAILURE && it->window != NULL)
        window_describe(it->window, &window);
    const struct log_about about = {
        .level = LOG_LEVEL_ERROR, .window = window.handle, .tag = window.tag};
    call_end(it);
    pthread_mutex_unlock(&arena->lock);
    if (status == HF_OK)
        latency_note(&arena->latency[kind], arena_now() - began);
    /* Not strerror(), which may allocate. */
    if (status == HF_HOST_FAILURE)
        log_limited_about(&refused_lines, &about, "the host refuses a mapping: %s",
                          strerrordesc_np(it->memory.cause));
    return status;
}

static void tell_mapped(struct hf_map *call, const struct map_plan *plan)
{
    call->cache = (uint32_t)plan->cache;
    call->address.value = plan->arena_page * HF_PAGE_SIZE;
    call->pages = plan->pages;
}

/* Decides again for as long as another call on the window is in between. */
static enum hf_status decide_map(struct arena_call *it, const struct hf_map *call,
                                 struct map_plan *plan)
{
    const struct map_request request = map_request(call);
    enum call_turn turn;

    do {
        const enum hf_status status = windows_decide_map(
            it->arena->windows, &request, it->list->extent, call->extents, it->list->run, plan);
        if (status != HF_OK)
            return status;
        turn = call_take_turn(it, plan->window);
    } while (turn == CALL_DECIDES_ANEW);
    it->runs = plan->count;
    return turn == CALL_GOES_ON ? HF_OK : GIVEN_UP;
}

enum hf_status arena_map(struct arena *arena, const struct arena_caller *caller,
                         struct hf_map *call)
{
    const uint64_t began = arena_now();
    struct arena_call it = call_begin(arena, caller, "MAP", true);
    struct map_plan plan;

    enum hf_status status = begin_list(&it, call);
    if (status == HF_OK)
        status = decide_map(&it, call, &plan);
    if (status == HF_OK)
        status = status_of(memory_map(arena->memory, plan.arena_page, plan.runs, plan.count,
                                      plan.writable, &it.memory));
    if (status == HF_OK) {
        windows_commit_map(arena->windows, &plan);
        tell_mapped(call, &plan);
    }
    return end(&it, status, LATENCY_MAP, began);
}

static enum hf_status decide_unmap(struct arena_call *it, const struct unmap_request *request,
                                   struct unmap_plan *plan)
{
    enum call_turn turn;

    do {
        const enum hf_status status = windows_decide_unmap(it->arena->windows, request, plan);
        if (status != HF_OK)
            return status;
        turn = call_take_turn(it, plan->window);
    } while (turn == CALL_DECIDES_ANEW);
    return turn == CALL_GOES_ON ? HF_OK : GIVEN_UP;
}

enum hf_status arena_unmap(struct arena *arena, const struct arena_caller *caller,
                           const struct hf_unmap *call)
{
    const struct unmap_request request = {
        .window = call->window,
        .page_offset = call->page_offset,
        .pages = call->pages,
        .tag = call->tag,
    };
    const uint64_t began = arena_now();
    struct arena_call it = call_begin(arena, caller, "UNMAP", true);
    struct unmap_plan plan;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = decide_unmap(&it, &request, &plan);
    if (status == HF_OK && !memory_guard(arena->memory, plan.arena_page, plan.pages, &it.memory))
        status = GIVEN_UP;
    if (status == HF_OK)
        windows_commit_unmap(arena->windows, &plan);
    return end(&it, status, LATENCY_UNMAP, began);
}

/* Puts the guard over what the old mapping had and the new one does not cover. false: given up. */
static bool guard_rest(struct arena_call *it, const struct unmap_plan *old,
                       const struct map_plan *new)
{
    struct arena_part rest[2];
    const uint32_t parts = windows_remap_rest(old, new, rest);

    for (uint32_t i = 0; i < parts; i++)
        if (!memory_guard(it->arena->memory, rest[i].arena_page, rest[i].pages, &it->memory))
            return false;
    return true;
}

static enum hf_status decide_remap(struct arena_call *it, const struct hf_remap *call,
                                   struct map_plan *map, struct unmap_plan *unmap)
{
    const struct map_request request = map_request(&call->map);
    enum call_turn turn;

    do {
        const enum hf_status status =
            windows_decide_remap(it->arena->windows, &request, call->old_offset, call->old_pages,
                                 it->list->extent, call->map.extents, it->list->run, map, unmap);
        if (status != HF_OK)
            return status;
        turn = call_take_turn(it, map->window);
    } while (turn == CALL_DECIDES_ANEW);
    it->runs = map->count;
    it->old = unmap;
    return turn == CALL_GOES_ON ? HF_OK : GIVEN_UP;
}

enum hf_status arena_remap(struct arena *arena, const struct arena_caller *caller,
                           struct hf_remap *call)
{
    const uint64_t began = arena_now();
    struct arena_call it = call_begin(arena, caller, "REMAP", true);
    struct map_plan map;
    struct unmap_plan unmap;

    enum hf_status status = begin_list(&it, &call->map);
    if (status == HF_OK)
        status = decide_remap(&it, call, &map, &unmap);
    if (status == HF_OK) {
        status = status_of(memory_map(arena->memory, map.arena_page, map.runs, map.count,
                                      map.writable, &it.memory));
        /* Part of the old mapping may be gone: the guest is told that all of it is. */
        const int cause = it.memory.cause;
        if (status == HF_HOST_FAILURE) {
            if (memory_guard(arena->memory, unmap.arena_page, unmap.pages, &it.memory))
                windows_commit_unmap(arena->windows, &unmap);
            else
                status = GIVEN_UP;
            it.memory.cause = cause;
        }
        if (status == HF_OK && !guard_rest(&it, &unmap, &map))
            status = GIVEN_UP;
        if (status == HF_OK) {
            windows_commit_remap(arena->windows, &map, &unmap);
            tell_mapped(&call->map, &map);
        }
    }
    return end(&it, status, LATENCY_REMAP, began);
}
