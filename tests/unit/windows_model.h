/* SPDX-License-Identifier: MIT
 * The window table once more, as plain as can be: an array of arena pages, each of which knows
 * who owns it and what is mapped there. Every answer is found by looking at every page. */
#ifndef HOLDFAST_TESTS_WINDOWS_MODEL_H
#define HOLDFAST_TESTS_WINDOWS_MODEL_H

#include "vmm/windows/windows.h"

#include <string.h>

#define MODEL_BASE    0x100003u /* arena page; odd, so that alignment matters */
#define MODEL_PAGES   2048u
#define MODEL_WINDOWS 40u
#define MODEL_EXTENTS 1200u
#define MODEL_SLOTS   4u  /* RAM and three objects */
#define MODEL_BACKING 64u /* pages of the largest backing */
#define MODEL_RAM     64u
#define MODEL_BELOW   40u
#define MODEL_ABOVE   0x1000u
#define MODEL_TAGS    4u
#define MODEL_PIECES  4u /* of the five that the arena has */

/* What is mapped at one page of the arena. */
struct model_page {
    uint32_t map; /* number of the MAP, 0: nothing */
    uint32_t extent;
    uint32_t slot;
    uint64_t page;
    enum hf_cache cache;
    bool writable;
    bool is_detached;
};

struct model_window {
    uint64_t handle; /* 0: none */
    uint64_t base;   /* index of page */
    uint64_t pages;
    uint32_t tag;
    uint32_t flags;
    uint32_t max_extents;
    uint64_t maps;
    uint64_t unmaps;
    uint64_t faults;
};

struct model_object {
    uint32_t id; /* 0: none */
    uint64_t pages;
    bool writable;
};

struct model_tag {
    struct tag_state state; /* tag 0: none. held is found by looking at every window */
    uint64_t since;         /* when something has happened to it for the last time */
};

struct model {
    uint8_t owner[MODEL_PAGES]; /* window index + 1 */
    struct model_page page[MODEL_PAGES];
    struct model_window window[MODEL_WINDOWS];
    struct model_object object[MODEL_SLOTS];
    uint32_t uses[MODEL_SLOTS][MODEL_BACKING][3]; /* by cache type */
    struct model_tag tag[MODEL_TAGS];
    uint64_t time;
    uint32_t serial;
    struct windows_totals totals;
};

/* ---- arena space ---- */

/* The first free stretch at or behind *at. */
static inline bool model_gap(const struct model *model, uint64_t *at, uint64_t *length)
{
    uint64_t end;

    while (*at < MODEL_PAGES && model->owner[*at])
        *at += model->window[model->owner[*at] - 1].pages;
    for (end = *at; end < MODEL_PAGES && !model->owner[end]; end++) {
    }
    *length = end - *at;
    return *length > 0;
}

/* The leftmost place in a gap of at least enough pages, at an absolute multiple of align. */
static inline bool model_fit(const struct model *model, uint64_t pages, uint64_t align,
                             uint64_t enough, uint64_t *base)
{
    uint64_t length;

    for (uint64_t at = 0; model_gap(model, &at, &length); at += length) {
        if (length < enough)
            continue;
        for (*base = at; *base + pages <= at + length; ++*base) {
            if ((MODEL_BASE + *base) % align == 0)
                return true;
        }
    }
    return false;
}

static inline bool model_place(const struct model *model, uint64_t pages, uint32_t flags,
                               uint64_t *base)
{
    uint64_t align = flags & HF_RESERVE_DIVISIBLE ? pages : pages >= 512 ? 512 : 1;

    if (model_fit(model, pages, align, pages + align - 1, base) ||
        model_fit(model, pages, align, pages, base))
        return true;
    return !(flags & HF_RESERVE_DIVISIBLE) && model_fit(model, pages, 1, pages, base);
}

static inline uint64_t model_largest(const struct model *model)
{
    uint64_t largest = 0;
    uint64_t length;

    for (uint64_t at = 0; model_gap(model, &at, &length); at += length)
        largest = length > largest ? length : largest;
    return largest;
}

/* Pieces of 512 pages of which some page belongs to a window. */
static inline uint64_t model_pieces(const struct model *model)
{
    uint64_t pieces = 0;
    uint64_t last = 0;

    for (uint64_t at = 0; at < MODEL_PAGES; at++) {
        const uint64_t piece = (MODEL_BASE + at) / 512;

        if (model->owner[at] && piece != last) {
            pieces++;
            last = piece;
        }
    }
    return pieces;
}

/* Pieces with a page from base on that no window has a page of. */
static inline uint64_t model_new_pieces(const struct model *model, uint64_t base, uint64_t pages)
{
    uint64_t count = 0;

    for (uint64_t piece = (MODEL_BASE + base) / 512; piece * 512 < MODEL_BASE + base + pages;
         piece++) {
        const uint64_t end = (piece + 1) * 512 - MODEL_BASE;
        uint64_t at = piece * 512 > MODEL_BASE ? piece * 512 - MODEL_BASE : 0;
        bool owned = false;

        for (; at < end && at < MODEL_PAGES && !owned; at++)
            owned = model->owner[at] != 0;
        count += !owned;
    }
    return count;
}

/* Whether a window at base lies in the gap, is aligned and wants no more than left new pieces. */
static inline bool model_will_do(const struct model *model, uint64_t pages, uint64_t align,
                                 uint64_t left, const uint64_t gap[2], uint64_t base)
{
    return base >= gap[0] && base + pages <= gap[1] && (MODEL_BASE + base) % align == 0 &&
           model_new_pieces(model, base, pages) <= left;
}

static inline uint64_t model_round_up(uint64_t base, uint64_t align)
{
    return (MODEL_BASE + base + align - 1) / align * align - MODEL_BASE;
}

/* Where a window goes for which the usual place wants too many pieces. What needs no alignment goes
 * into the first gap that has any place for it. */
static inline bool model_place_within(const struct model *model, uint64_t pages, uint32_t flags,
                                      uint64_t left, uint64_t *base)
{
    const bool divisible = (flags & HF_RESERVE_DIVISIBLE) != 0;
    const uint64_t align = divisible ? pages : 1;
    uint64_t gap[2], length;

    for (gap[0] = 0; model_gap(model, &gap[0], &length); gap[0] += length) {
        gap[1] = gap[0] + length;
        if (length < pages)
            continue;
        const uint64_t last = gap[1] - pages;
        const uint64_t places[] = {
            model_round_up(gap[0], align),
            divisible ? model_round_up(gap[0], align) + align : model_round_up(gap[0], 512),
            last - (MODEL_BASE + last) % align,
        };
        for (uint32_t i = 0; i < 3; i++) {
            *base = places[i];
            if (model_will_do(model, pages, align, left, gap, *base))
                return true;
        }
        for (*base = gap[0]; !divisible && *base <= last; ++*base)
            if (model_will_do(model, pages, 1, left, gap, *base))
                return true;
    }
    return false;
}

/* ---- windows ---- */

static inline struct model_window *model_find(struct model *model, uint64_t handle)
{
    for (uint32_t i = 0; i < MODEL_WINDOWS; i++) {
        if (handle && model->window[i].handle == handle)
            return &model->window[i];
    }
    return NULL;
}

static inline struct window_state model_state(const struct model *model,
                                              const struct model_window *window)
{
    struct window_state state = {.handle = window->handle,
                                 .arena_page = MODEL_BASE + window->base,
                                 .pages = window->pages,
                                 .tag = window->tag,
                                 .flags = window->flags,
                                 .max_extents = window->max_extents,
                                 .maps = window->maps,
                                 .unmaps = window->unmaps,
                                 .faults = window->faults};
    uint32_t map = 0;
    uint32_t extent = 0;

    for (uint64_t i = 0; i < window->pages; i++) {
        const struct model_page *page = &model->page[window->base + i];

        state.mapped_pages += page->map != 0;
        state.mappings += page->map != 0 && page->map != map;
        state.extents += page->map != 0 && page->extent != extent;
        map = page->map;
        extent = page->extent;
    }
    return state;
}

#endif
