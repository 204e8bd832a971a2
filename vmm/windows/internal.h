/* SPDX-License-Identifier: MIT
 * The records of the window table and what its files offer one another. For vmm/windows and its
 * tests only. */
#ifndef HOLDFAST_WINDOWS_INTERNAL_H
#define HOLDFAST_WINDOWS_INTERNAL_H

#include "windows.h"

#include <bsd/sys/tree.h>

/* RB_GENERATE_STATIC without __unused, a name that only BSD's headers define. */
#define TREE_GENERATE(name, type, field, compare)                                                  \
    RB_GENERATE_INTERNAL(name, type, field, compare, __attribute__((unused)) static)

/* The same for a tree whose nodes know something of all nodes below, which update(node) finds;
 * RB_AUGMENT must do that. It keeps rotated nodes right, but not the way up to the root: after an
 * insertion update_upwards() does, from the new node on, and after a removal from what
 * lowest_changed() has told before. */
#define SUMMED_TREE_GENERATE(name, type, field, compare, update)                                   \
    TREE_GENERATE(name, type, field, compare)                                                      \
                                                                                                   \
    static void update_upwards(struct type *node)                                                  \
    {                                                                                              \
        for (; node != NULL; node = RB_PARENT(node, field))                                        \
            update(node);                                                                          \
    }                                                                                              \
                                                                                                   \
    /* The lowest node whose subtree changes when this one leaves the tree. */                     \
    static struct type *lowest_changed(struct type *node)                                          \
    {                                                                                              \
        if (RB_LEFT(node, field) == NULL || RB_RIGHT(node, field) == NULL)                         \
            return RB_PARENT(node, field);                                                         \
        /* It takes the node's place. */                                                           \
        struct type *successor = RB_NEXT(name, NULL, node);                                        \
        return RB_PARENT(successor, field) == node ? successor : RB_PARENT(successor, field);      \
    }

/* A place in the arena and the free pages between it and the next place. */
struct span {
    RB_ENTRY(span) node;
    uint64_t page; /* guest-physical */
    uint64_t pages;
    uint64_t gap;
    uint64_t subtree_gap; /* the greatest gap in this node's subtree */
};
RB_HEAD(span_tree, span);

struct space {
    struct span_tree tree;
    struct span edge; /* empty, where the arena begins: its gap is the one before the windows */
    uint64_t free;    /* pages */
};

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

/* The account of one tag. */
struct tag {
    RB_ENTRY(tag) node;
    uint32_t tag;
    bool idle; /* holds nothing and has no quota: stands in the list of these */
    struct tag_amounts held;
    struct tag_amounts high;
    struct tag_amounts quota;
    uint64_t refused;
    uint64_t rescued;
    struct tag *older; /* in the list of idle ones */
    struct tag *newer; /* there, or in the list of free records */
};
RB_HEAD(tag_tree, tag);

struct tags {
    struct tag_tree tree;
    struct tag *record;
    uint32_t room;
    uint32_t touched; /* the records behind have never been used */
    struct tag *free;
    struct tag *oldest; /* idle for the longest time */
    struct tag *newest;
};

struct window {
    struct span span; /* first, so that one is found from the other */
    uint32_t slot;
    uint32_t generation;
    uint32_t tag;
    uint32_t flags;
    uint32_t max_extents;
    uint32_t extents;
    uint32_t mappings;
    struct tag *owner; /* the account of the tag */
    bool used;
    bool published;
    uint64_t mapped_pages;
    uint64_t maps;
    uint64_t unmaps;
    uint64_t faults;
    struct mapping_tree tree;
    struct detached_tree detached;
    struct extent_list spare;
    struct window *next_free;
};

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

    struct extent *records;
    uint32_t records_touched;
    struct extent_list spare; /* touched, set aside by no window */

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

/* ---- space.c: who has which part of the arena ---- */

/* Where a new span goes: behind an existing one. */
struct place {
    struct span *behind;
    uint64_t page;
};

void space_init(struct space *space, uint64_t page, uint64_t pages);

/* Finds room for pages (less than 2^32), with a base divisible by pages if asked for. false if
 * there is none. */
bool space_find(const struct space *space, uint64_t pages, bool divisible, struct place *place);

/* Neither can fail. */
void space_insert(struct space *space, const struct place *place, struct span *span,
                  uint64_t pages);
void space_remove(struct space *space, struct span *span);

uint64_t space_largest(const struct space *space);

/* How many pieces have a page of this span, and of no other. */
uint64_t space_pieces_alone(const struct space *space, struct span *span);

/* The same for a span that would be put there. */
uint64_t space_pieces_wanted(const struct space *space, const struct place *place, uint64_t pages);

/* Finds room like space_find(), where no more pieces than so many are wanted: next to spans that
 * have a piece to share, or where a piece begins. Looks at every gap. Of the places with a
 * divisible base, some in the middle of a gap are left out. */
bool space_find_within(const struct space *space, uint64_t pages, bool divisible, uint64_t pieces,
                       struct place *place);

/* The first span that ends behind page, the edge included; the one after; NULL for none. */
struct span *space_ending_behind(const struct space *space, uint64_t page);
struct span *space_next(struct span *span);

/* ---- extents.c: records of extents, set aside by RESERVE ---- */

/* Moves count records, which the caller knows to be left, to an empty list, all written to. */
void extents_set_aside(struct windows *windows, uint32_t count, struct extent_list *list);

/* Takes all of a list back, which has no meaning afterwards. */
void extents_give_back(struct windows *windows, const struct extent_list *list);

struct extent *extents_take(struct extent_list *list);
void extents_put(struct extent_list *list, struct extent *extent);

/* ---- live.c: which pages are mapped, anywhere, with which cache type ---- */

/* Orders the pages of all backings in one line. */
static inline uint64_t live_key(uint32_t slot, uint64_t page)
{
    return (uint64_t)slot * BACKING_PAGES_MAX + page;
}

static inline uint32_t live_slot(const struct extent *extent)
{
    return (uint32_t)(extent->key / BACKING_PAGES_MAX);
}

/* Both count the extent in its backing, too. */
void live_insert(struct windows *windows, struct extent *extent);
void live_remove(struct windows *windows, struct extent *extent);

/* Some extent of this type with a page from key to end (exclusive), or NULL. */
struct extent *live_find(const struct windows *windows, enum hf_cache cache, uint64_t key,
                         uint64_t end);

enum hf_cache live_type_in_force(const struct windows *windows, const struct run *runs,
                                 uint32_t count, enum hf_cache asked);

/* ---- detached.c: the extents of one window that are gone, by their place in it ---- */

/* None of these can fail. Each takes O(log n). */
void detached_insert(struct window *window, struct extent *extent);
void detached_remove(struct window *window, struct extent *extent);

/* The last one that begins at or before the page offset, or NULL; the one after (NULL: the first),
 * or NULL. */
struct extent *detached_before(const struct window *window, uint64_t offset);
struct extent *detached_next(const struct window *window, struct extent *extent);

static inline uint64_t extent_end(const struct extent *extent)
{
    return (uint64_t)extent->offset + extent->pages;
}

/* ---- mappings.c: the MAPs of one window, by their place in it ---- */

void mappings_insert(struct window *window, struct extent *head);
void mappings_remove(struct window *window, struct extent *head);

/* The first MAP that ends behind the page offset; the one after; NULL for none. */
struct extent *mappings_ending_behind(const struct window *window, uint64_t offset);
struct extent *mappings_next(struct extent *head);

/* Whether every page from the offset on is mapped, in however many MAPs. O(log n) of them. */
bool mappings_cover(const struct window *window, uint64_t offset, uint64_t pages);

static inline uint64_t mapping_end(const struct extent *head)
{
    return (uint64_t)head->offset + head->map_pages;
}

/* ---- tags.c: who holds how much ---- */

/* record[room], zeroed. */
void tags_init(struct tags *tags, struct tag *record, uint32_t room);

/* The account of a tag, which is made if there is none. NULL if there is no room. */
struct tag *tags_enter(struct tags *tags, uint32_t tag);

bool tag_allows(const struct tag *tag, const struct tag_amounts *more);

/* None of these can fail. */
void tags_charge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts);
void tags_discharge(struct tags *tags, struct tag *tag, const struct tag_amounts *amounts);
void tag_note_high(struct tag *tag);
void tags_count_refused(struct tags *tags, struct tag *tag);

/* false if there is no room for the tag. */
bool tags_set_quota(struct tags *tags, uint32_t tag, const struct tag_amounts *quota);

/* Nobody holds anything any more; quotas stay. */
void tags_reset(struct tags *tags);

bool tags_next(const struct tags *tags, uint32_t from, struct tag_state *state);

/* ---- table.c ---- */

uint64_t window_handle(const struct window *window);

/* The published window with this handle, or NULL. */
struct window *windows_find(const struct windows *windows, uint64_t handle);

/* The free slot whose turn it is (NULL: none left), taking it, and giving one back, which ends
 * its handle. */
struct window *slots_peek(const struct windows *windows);
void slots_take(struct windows *windows, struct window *window);
void slots_put(struct windows *windows, struct window *window);

/* ---- map.c, unmap.c: the checks behind window and tag, shared with REMAP ---- */

/* without: a head that counts as unmapped already, or NULL. */
enum hf_status map_check(const struct windows *windows, struct window *window,
                         const struct map_wish *wish, const struct hf_extent *list, uint32_t count,
                         const struct extent *without, struct run *runs, struct map_plan *plan);

enum hf_status unmap_check(struct window *window, uint64_t offset, uint64_t pages,
                           const struct extent **head, struct unmap_plan *plan);

#endif
