/* SPDX-License-Identifier: MIT
 * What a MAP leaves in the table: its extents, and one mapping that they belong to. */
#ifndef HOLDFAST_WINDOWS_EXTENT_H
#define HOLDFAST_WINDOWS_EXTENT_H

#include "backings.h"
#include "tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping;

/* Consecutive pages of one backing in a window. */
struct extent {
    RB_ENTRY(extent) node; /* in a live tree; once detached, in the window's tree of these */
    uint64_t key;          /* see live_key() */
    uint64_t subtree_end;  /* the greatest key + pages in this node's subtree */
    struct extent *next;   /* in the mapping, in the order of the list; NULL in its last */
    struct mapping *mapping;
    uint32_t offset; /* page in the window */
    uint32_t pages;
    uint8_t cache; /* this one and the next are the same in the whole mapping */
    bool writable;
    bool is_detached; /* its object was detached by force */
};
RB_HEAD(live_tree, extent);
RB_HEAD(detached_tree, extent);

/* All extents of one MAP. It begins where its first extent does: see mapping_first(). */
struct mapping {
    RB_ENTRY(mapping) by_offset;
    uint32_t window_slot; /* see mapping_window() */
    uint32_t pages;
    uint32_t subtree_pages; /* the sum of pages in this node's subtree */
    uint32_t extents;
};
RB_HEAD(mapping_tree, mapping);

/* What a RESERVE sets aside for one extent: also room for the mapping that the extent may be the
 * first of. */
struct extent_record {
    struct extent extent;
    union {
        struct mapping mapping;     /* if the extent is the first of it */
        struct extent_record *next; /* in a list of spare records */
    };
};
_Static_assert(sizeof(struct extent_record) == 128, "two cache lines");

struct spare_list {
    struct extent_record *first;
    struct extent_record *last; /* defined while first is not NULL */
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

/* The first extent: a mapping lies in the record of that one. */
static inline struct extent *mapping_first(struct mapping *mapping)
{
    char *record = (char *)mapping - offsetof(struct extent_record, mapping);

    return &((struct extent_record *)(void *)record)->extent;
}

static inline const struct extent *mapping_first_const(const struct mapping *mapping)
{
    const char *record = (const char *)mapping - offsetof(struct extent_record, mapping);

    return &((const struct extent_record *)(const void *)record)->extent;
}

static inline uint64_t mapping_offset(const struct mapping *mapping)
{
    return mapping_first_const(mapping)->offset;
}

static inline uint64_t mapping_end(const struct mapping *mapping)
{
    return mapping_offset(mapping) + mapping->pages;
}

#endif
