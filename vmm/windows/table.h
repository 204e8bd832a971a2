/* SPDX-License-Identifier: MIT
 * The records of the table itself: its windows, and what counts for all of them. */
#ifndef HOLDFAST_WINDOWS_TABLE_H
#define HOLDFAST_WINDOWS_TABLE_H

#include "extent.h"
#include "space.h"
#include "tags.h"
#include "windows.h"

#include <stddef.h>
#include <stdint.h>

struct window {
    struct span span; /* see window_of_span() */
    uint32_t slot;
    uint32_t generation;
    uint32_t tag;
    uint32_t flags;
    uint32_t max_extents;
    uint32_t extents; /* mapped */
    uint32_t mappings;
    struct tag *owner; /* the account of the tag */
    bool used;         /* false: the slot is free, or retired */
    bool published;    /* its handle is valid */
    uint64_t mapped_pages;
    uint64_t maps;
    uint64_t unmaps;
    uint64_t faults;
    struct mapping_tree tree;
    struct detached_tree detached;
    struct spare_list spare; /* set aside by its RESERVE, less those that are mapped */
    struct window *next_free;
};

/* Every span is in a window, but for the edge of the arena. */
static inline struct window *window_of_span(struct span *span)
{
    return (struct window *)(void *)((char *)span - offsetof(struct window, span));
}

#define CACHE_TYPES 3u

struct windows {
    struct windows_limits limits;
    struct backings *backings;
    struct space space;
    struct live_tree live[CACHE_TYPES]; /* by enum hf_cache */

    struct window *slots;
    uint32_t slots_touched; /* the records behind have never been used */
    uint32_t slots_retired; /* their generations are used up */
    struct window *free_first;
    struct window *free_last; /* defined while free_first is not NULL */

    struct extent_record *records;
    uint32_t records_touched;
    struct spare_list spare; /* touched, set aside by no window */

    struct tags tags;

    uint32_t in_use;
    uint64_t pieces; /* with some window in them */
    uint32_t extents_reserved;
    uint32_t extents;
    uint64_t mapped_pages;
    uint64_t reserves;
    uint64_t releases;
    uint64_t maps;
    uint64_t unmaps;
};

/* ---- table.c: handles and slots ---- */

uint64_t window_handle(const struct window *window);

static inline struct window *mapping_window(const struct windows *windows,
                                            const struct mapping *mapping)
{
    return &windows->slots[mapping->window_slot];
}

/* The published window with this handle, or NULL. */
struct window *windows_find(const struct windows *windows, uint64_t handle);

/* The free slot whose turn it is (NULL: none left), taking it, and giving one back, which ends
 * its handle. */
struct window *slots_peek(const struct windows *windows);
void slots_take(struct windows *windows, struct window *window);
void slots_put(struct windows *windows, struct window *window);

/* ---- extents.c: spare records of extents. None of these can fail ---- */

/* Moves count records, which the caller knows to be left, to an empty list, all written to. */
void extents_set_aside(struct windows *windows, uint32_t count, struct spare_list *list);

/* Takes all of a list back, which has no meaning afterwards. */
void extents_give_back(struct windows *windows, const struct spare_list *list);

/* Takes one record from a list, which the caller knows not to be empty. */
struct extent_record *extents_take(struct spare_list *list);

/* Puts an extent's record on a list, and with it the mapping that it was the first of, if any. */
void extents_put(struct spare_list *list, struct extent *extent);

#endif
