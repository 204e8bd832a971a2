/* SPDX-License-Identifier: MIT
 * A picture of the arena: how much of each part of it is reserved, and how much is mapped. */
#include "room.h"

/* First page of a cell, counted from the arena's base; cell == count gives the arena's end. */
static uint64_t cell_start(uint64_t pages, uint32_t cell, uint32_t count)
{
    return (uint64_t)((unsigned __int128)pages * cell / count);
}

/* A range of pages, counted from the arena's base. */
struct range {
    uint64_t from;
    uint64_t pages;
    bool mapped; /* or else reserved */
};

/* Adds a range to the cells that it touches. */
static void paint(struct arena_cell *cells, uint32_t count, uint64_t total,
                  const struct range *range)
{
    const uint64_t end = range->from + range->pages;
    uint32_t cell = (uint32_t)((unsigned __int128)range->from * count / total);

    for (; cell < count; cell++) {
        const uint64_t start = cell_start(total, cell, count);
        const uint64_t stop = cell_start(total, cell + 1, count);
        if (start >= end)
            return;
        const uint64_t first = range->from > start ? range->from : start;
        const uint64_t last = end < stop ? end : stop;
        if (last > first)
            *(range->mapped ? &cells[cell].mapped : &cells[cell].reserved) += last - first;
    }
}

/* How far a walk over the arena has come. */
struct walk {
    uint64_t next;   /* arena page: windows that begin behind it have not been seen */
    uint64_t handle; /* of the window whose runs are being looked at; 0: none */
    uint64_t base;   /* its arena page */
    uint64_t offset; /* its runs that end behind this page have not been seen */
    bool ended;
};

/* The ranges that were found in one step. */
struct found {
    struct range range[ARENA_STEP_LOOKS];
    uint32_t count;
};

/* The window whose runs are being looked at; NULL if it was released since the last step. */
static const struct window *window_of(const struct arena *arena, const struct walk *walk)
{
    const struct window *window = windows_next(arena->windows, walk->base);
    struct window_state state = {.handle = 0};

    if (window != NULL)
        window_describe(window, &state);
    return state.handle == walk->handle ? window : NULL;
}

static void enter_window(const struct arena *arena, struct walk *walk, struct found *found)
{
    const struct window *window = windows_next(arena->windows, walk->next);
    struct window_state state;

    walk->ended = window == NULL;
    if (walk->ended)
        return;
    window_describe(window, &state);
    /* The next one begins behind the end: what is reserved later over a part of this one, after it
     * was released, would count twice. */
    *walk = (struct walk){
        .next = state.arena_page + state.pages, .handle = state.handle, .base = state.arena_page};
    found->range[found->count++] = (struct range){.from = state.arena_page, .pages = state.pages};
}

static void enter_run(const struct arena *arena, struct walk *walk, struct found *found)
{
    const struct window *window = window_of(arena, walk);
    struct mapped_run run;

    if (window == NULL || !window_next_run(window, walk->offset, &run)) {
        walk->handle = 0;
        return;
    }
    /* It may have come since the last step, and begin in what was seen. */
    const uint64_t first = run.page_offset > walk->offset ? run.page_offset : walk->offset;
    walk->offset = run.page_offset + run.pages;
    if (!run.is_detached)
        found->range[found->count++] = (struct range){
            .from = walk->base + first, .pages = walk->offset - first, .mapped = true};
}

/* The lock is held. */
static void look(const struct arena *arena, struct walk *walk, struct found *found)
{
    found->count = 0;
    for (uint32_t looks = 0; looks < ARENA_STEP_LOOKS && !walk->ended; looks++) {
        if (walk->handle == 0)
            enter_window(arena, walk, found);
        else
            enter_run(arena, walk, found);
    }
}

void arena_picture(struct arena *arena, struct arena_cell *cells, uint32_t count)
{
    const uint64_t base = memory_arena_base(arena->memory) / HF_PAGE_SIZE;
    const uint64_t total = memory_arena_bytes(arena->memory) / HF_PAGE_SIZE;
    struct walk walk = {.next = base};
    struct found found;

    for (uint32_t i = 0; i < count; i++)
        cells[i] = (struct arena_cell){.pages = cell_start(total, i + 1, count) -
                                                cell_start(total, i, count)};
    while (!walk.ended) {
        const uint64_t began = step_begin(arena);
        look(arena, &walk, &found);
        step_end(arena, began, !walk.ended);
        for (uint32_t i = 0; i < found.count; i++) {
            found.range[i].from -= base;
            paint(cells, count, total, &found.range[i]);
        }
    }
}
