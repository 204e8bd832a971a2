/* SPDX-License-Identifier: MIT
 * The table as a whole: its memory, its slots and their handles, its totals, its reset. */
#include "table.h"

#define ALIGNMENT 64u

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t slots_offset(void)
{
    return aligned(sizeof(struct windows));
}

static size_t records_offset(const struct windows_limits *limits)
{
    return slots_offset() + aligned(limits->windows * sizeof(struct window));
}

static size_t tags_offset(const struct windows_limits *limits)
{
    return records_offset(limits) + aligned(limits->extents * sizeof(struct extent_record));
}

static uint64_t pieces_of_arena(const struct windows_limits *limits)
{
    return (limits->arena_page + limits->arena_pages - 1) / PIECE_PAGES -
           limits->arena_page / PIECE_PAGES + 1;
}

size_t windows_bytes(const struct windows_limits *limits)
{
    return tags_offset(limits) + limits->tags * sizeof(struct tag);
}

struct windows *windows_create(void *memory, const struct windows_limits *limits,
                               struct backings *backings)
{
    struct windows *windows = memory;

    windows->limits = *limits;
    if (limits->pieces == 0 || limits->pieces > pieces_of_arena(limits))
        windows->limits.pieces = pieces_of_arena(limits);
    windows->backings = backings;
    windows->slots = (void *)((char *)memory + slots_offset());
    windows->records = (void *)((char *)memory + records_offset(limits));
    tags_init(&windows->tags, (void *)((char *)memory + tags_offset(limits)), limits->tags);
    space_init(&windows->space, limits->arena_page, limits->arena_pages);
    return windows;
}

/* ---- slots and handles ---- */

uint64_t window_handle(const struct window *window)
{
    return (uint64_t)window->generation << 32 | (window->slot + 1);
}

struct window *windows_find(const struct windows *windows, uint64_t handle)
{
    uint64_t slot = (handle & UINT32_MAX) - 1; /* 0 wraps to beyond any slot */

    if (slot >= windows->slots_touched)
        return NULL;
    struct window *window = &windows->slots[slot];
    return window->published && window->generation == handle >> 32 ? window : NULL;
}

/* Slots never used come first, then the one that has been free for the longest time: a stale
 * handle meets its slot's next owner as late as possible. */
struct window *slots_peek(const struct windows *windows)
{
    if (windows->slots_touched < windows->limits.windows)
        return &windows->slots[windows->slots_touched];
    return windows->free_first;
}

void slots_take(struct windows *windows, struct window *window)
{
    if (window == windows->free_first)
        windows->free_first = window->next_free;
    else
        windows->slots_touched++;
    *window = (struct window){
        .slot = (uint32_t)(window - windows->slots),
        .generation = window->generation,
        .used = true,
    };
    windows->in_use++;
}

void slots_put(struct windows *windows, struct window *window)
{
    window->used = false;
    window->published = false;
    windows->in_use--;
    if (window->generation == UINT32_MAX) {
        windows->slots_retired++; /* no handle is left that was never given out */
        return;
    }
    window->generation++;
    window->next_free = NULL;
    if (windows->free_first != NULL)
        windows->free_last->next_free = window;
    else
        windows->free_first = window;
    windows->free_last = window;
}

/* ---- tags ---- */

bool windows_set_quota(struct windows *windows, uint32_t tag, const struct tag_amounts *quota)
{
    return tags_set_quota(&windows->tags, tag, quota);
}

bool windows_next_tag(const struct windows *windows, uint32_t from, struct tag_state *state)
{
    return tags_next(&windows->tags, from, state);
}

void windows_count_rescued(struct windows *windows, const struct window *window,
                           uint64_t nanoseconds)
{
    struct tag *tag = window->owner;

    (void)windows; /* the caller holds its lock */
    tag->rescued++;
    if (nanoseconds > tag->longest_rescue)
        tag->longest_rescue = nanoseconds;
}

/* ---- totals, reset ---- */

void windows_totals(const struct windows *windows, struct windows_totals *totals)
{
    *totals = (struct windows_totals){
        .arena_pages = windows->limits.arena_pages,
        .arena_free = windows->space.free,
        .arena_largest = space_largest(&windows->space),
        .mapped_pages = windows->mapped_pages,
        .windows_max = windows->limits.windows - windows->slots_retired,
        .windows = windows->in_use,
        .pieces = windows->pieces,
        .pieces_max = windows->limits.pieces,
        .extents_max = windows->limits.extents,
        .extents_reserved = windows->extents_reserved,
        .extents = windows->extents,
        .reserves = windows->reserves,
        .releases = windows->releases,
        .maps = windows->maps,
        .unmaps = windows->unmaps,
    };
}

void windows_reset(struct windows *windows)
{
    for (uint32_t slot = 0; slot < windows->slots_touched; slot++) {
        if (windows->slots[slot].used)
            slots_put(windows, &windows->slots[slot]);
    }
    /* No record of an extent is in use any more: begin anew with the first. */
    windows->records_touched = 0;
    windows->spare.first = NULL;
    for (uint32_t cache = 0; cache < CACHE_TYPES; cache++)
        RB_INIT(&windows->live[cache]);
    for (uint32_t slot = 0; slot <= BACKINGS_OBJECTS; slot++)
        windows->backings->object[slot].extents = 0;
    space_init(&windows->space, windows->limits.arena_page, windows->limits.arena_pages);

    tags_reset(&windows->tags);
    windows->pieces = 0;
    windows->extents_reserved = 0;
    windows->extents = 0;
    windows->mapped_pages = 0;
    windows->reserves = 0;
    windows->releases = 0;
    windows->maps = 0;
    windows->unmaps = 0;
}
