/* SPDX-License-Identifier: MIT
 * The record of one extent of a MAP, and lists of spare ones. */
#ifndef HOLDFAST_WINDOWS_EXTENT_H
#define HOLDFAST_WINDOWS_EXTENT_H

#include "backings.h"
#include "tree.h"

#include <stdbool.h>
#include <stdint.h>

struct window;

/* One extent of a MAP. The first extent of each MAP, its head, stands in the window's tree of
 * mappings; the others hang on it in the order of the list. */
struct extent {
    RB_ENTRY(extent) node; /* in a live tree; once gone, in the window's detached tree */
    uint64_t key;          /* see live_key() */
    uint64_t subtree_end;  /* the greatest key + pages in this node's subtree */
    struct extent *next;   /* in the MAP, or in a list of spare records */
    struct extent *head;
    uint32_t offset; /* page in the window */
    uint32_t pages;
    uint8_t cache;
    bool gone; /* its object was detached by force */
    /* only in a head: */
    bool writable;
    uint32_t map_extents;
    uint32_t map_pages;
    uint32_t subtree_pages; /* the sum of map_pages in this node's subtree */
    struct window *window;
    RB_ENTRY(extent) place;
};
_Static_assert(sizeof(struct extent) == 128, "two cache lines");
RB_HEAD(live_tree, extent);
RB_HEAD(detached_tree, extent);
RB_HEAD(mapping_tree, extent);

struct extent_list {
    struct extent *first;
    struct extent *last; /* defined while first is not NULL */
};

/* Orders the pages of all backings in one line. */
static inline uint64_t live_key(uint32_t slot, uint64_t page)
{
    return (uint64_t)slot * BACKING_PAGES_MAX + page;
}

static inline uint32_t live_slot(const struct extent *extent)
{
    return (uint32_t)(extent->key / BACKING_PAGES_MAX);
}

static inline uint64_t extent_end(const struct extent *extent)
{
    return (uint64_t)extent->offset + extent->pages;
}

static inline uint64_t mapping_end(const struct extent *head)
{
    return (uint64_t)head->offset + head->map_pages;
}

/* ---- extents.c ---- */

/* The list is not empty. */
struct extent *extents_take(struct extent_list *list);
void extents_put(struct extent_list *list, struct extent *extent);

#endif
