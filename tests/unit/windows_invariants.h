/* SPDX-License-Identifier: MIT
 * What must hold in a window table between any two calls: the shape of its trees, what their
 * nodes know about the nodes below, and that every record is in exactly one place. */
#ifndef HOLDFAST_TESTS_WINDOWS_INVARIANTS_H
#define HOLDFAST_TESTS_WINDOWS_INVARIANTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vmm/windows/mapped.h"

/* Checks parent, colours and black height of one node; the caller goes below it. */
#define CHECK_NODE(node, parent, field, left_black, right_black)                                   \
    do {                                                                                           \
        assert_ptr_equal(RB_PARENT(node, field), parent);                                          \
        if (RB_COLOR(node, field) == RB_RED) {                                                     \
            assert_true(parent &&RB_COLOR(parent, field) == RB_BLACK);                             \
        }                                                                                          \
        assert_int_equal(left_black, right_black);                                                 \
    } while (0)

/* Each checks a subtree and returns its black height. */
static inline uint32_t check_span_tree(struct span *span, struct span *parent, uint64_t *spans)
{
    if (span == NULL)
        return 1;
    const uint32_t left_black = check_span_tree(RB_LEFT(span, node), span, spans);
    const uint32_t right_black = check_span_tree(RB_RIGHT(span, node), span, spans);
    CHECK_NODE(span, parent, node, left_black, right_black);
    uint64_t gap = span->gap;
    if (RB_LEFT(span, node) && RB_LEFT(span, node)->subtree_gap > gap)
        gap = RB_LEFT(span, node)->subtree_gap;
    if (RB_RIGHT(span, node) && RB_RIGHT(span, node)->subtree_gap > gap)
        gap = RB_RIGHT(span, node)->subtree_gap;
    assert_int_equal(span->subtree_gap, gap);
    ++*spans;
    return left_black + (RB_COLOR(span, node) == RB_BLACK);
}

static inline uint32_t check_live_tree(struct extent *extent, struct extent *parent,
                                       uint64_t *extents)
{
    if (extent == NULL)
        return 1;
    struct extent *left = RB_LEFT(extent, node);
    struct extent *right = RB_RIGHT(extent, node);
    const uint32_t left_black = check_live_tree(left, extent, extents);
    const uint32_t right_black = check_live_tree(right, extent, extents);
    CHECK_NODE(extent, parent, node, left_black, right_black);
    uint64_t end = extent->key + extent->pages;
    if (left != NULL && left->subtree_end > end)
        end = left->subtree_end;
    if (right != NULL && right->subtree_end > end)
        end = right->subtree_end;
    assert_int_equal(extent->subtree_end, end);
    assert_true(left == NULL || left->key <= extent->key);
    assert_true(right == NULL || right->key >= extent->key);
    ++*extents;
    return left_black + (RB_COLOR(extent, node) == RB_BLACK);
}

static inline uint32_t check_mapping_tree(struct mapping *mapping, struct mapping *parent,
                                          uint32_t *mappings)
{
    if (mapping == NULL)
        return 1;
    uint64_t pages = mapping->pages;
    const uint32_t left_black = check_mapping_tree(RB_LEFT(mapping, by_offset), mapping, mappings);
    const uint32_t right_black =
        check_mapping_tree(RB_RIGHT(mapping, by_offset), mapping, mappings);
    CHECK_NODE(mapping, parent, by_offset, left_black, right_black);
    pages += RB_LEFT(mapping, by_offset) != NULL ? RB_LEFT(mapping, by_offset)->subtree_pages : 0;
    pages += RB_RIGHT(mapping, by_offset) != NULL ? RB_RIGHT(mapping, by_offset)->subtree_pages : 0;
    assert_int_equal(mapping->subtree_pages, pages);
    ++*mappings;
    return left_black + (RB_COLOR(mapping, by_offset) == RB_BLACK);
}

static inline uint32_t check_detached_tree(struct extent *extent, struct extent *parent,
                                           uint32_t *extents)
{
    if (extent == NULL)
        return 1;
    const uint32_t left_black = check_detached_tree(RB_LEFT(extent, node), extent, extents);
    const uint32_t right_black = check_detached_tree(RB_RIGHT(extent, node), extent, extents);
    CHECK_NODE(extent, parent, node, left_black, right_black);
    assert_true(extent->is_detached);
    ++*extents;
    return left_black + (RB_COLOR(extent, node) == RB_BLACK);
}

static inline uint32_t spare_length(const struct spare_list *list)
{
    const struct extent_record *last = NULL;
    uint32_t length = 0;

    for (const struct extent_record *record = list->first; record != NULL; record = record->next) {
        last = record;
        length++;
    }
    if (last != NULL)
        assert_ptr_equal(last, list->last);
    return length;
}

/* What is summed up over all windows. */
struct invariant_sums {
    uint64_t max_extents;
    uint64_t extents;
    uint64_t live;
    uint64_t detached;
    uint64_t mapped_pages;
    uint64_t by_slot[BACKINGS_OBJECTS + 1];
};

static inline void check_mapping(const struct window *window, const struct mapping *mapping,
                                 struct invariant_sums *sums)
{
    const struct extent *first = mapping_first_const(mapping);
    uint64_t offset = mapping_offset(mapping);
    uint32_t extents = 0;

    assert_int_equal(mapping->window_slot, window->slot);
    for (const struct extent *extent = first; extent != NULL; extent = extent->next) {
        assert_ptr_equal(extent->mapping, mapping);
        assert_int_equal(extent->offset, offset);
        assert_true(extent->pages > 0);
        assert_true(extent->cache == first->cache && extent->writable == first->writable);
        offset += extent->pages;
        extents++;
        if (extent->is_detached) {
            sums->detached++;
            assert_ptr_equal(detached_before(window, extent->offset), extent);
            assert_ptr_equal(detached_before(window, extent_end(extent) - 1), extent);
        } else {
            sums->live++;
            sums->by_slot[live_slot(extent)]++;
        }
    }
    assert_int_equal(extents, mapping->extents);
    assert_int_equal(offset, mapping_end(mapping));
    assert_true(offset <= window->span.pages);
    sums->extents += extents;
    sums->mapped_pages += mapping->pages;
}

static inline void check_window(const struct window *window, struct invariant_sums *sums)
{
    struct invariant_sums before = *sums;
    uint32_t in_tree = 0;
    uint32_t detached = 0;
    uint32_t mappings = 0;
    uint64_t end = 0;

    assert_true(window->used);
    check_detached_tree(RB_ROOT(&window->detached), NULL, &detached);
    check_mapping_tree(RB_ROOT(&window->tree), NULL, &in_tree);
    for (struct mapping *mapping = mappings_ending_behind(window, 0); mapping != NULL;
         mapping = mappings_next(mapping)) {
        assert_true(mapping_offset(mapping) >= end);
        end = mapping_end(mapping);
        check_mapping(window, mapping, sums);
        mappings++;
    }
    assert_int_equal(mappings, in_tree);
    assert_int_equal(sums->detached - before.detached, detached);
    assert_int_equal(mappings, window->mappings);
    assert_int_equal(sums->extents - before.extents, window->extents);
    assert_int_equal(sums->mapped_pages - before.mapped_pages, window->mapped_pages);
    assert_int_equal(spare_length(&window->spare), window->max_extents - window->extents);
    assert_int_equal(window->maps - window->unmaps, window->mappings);
    sums->max_extents += window->max_extents;
}

static inline uint32_t check_arena(const struct windows *windows, struct invariant_sums *sums)
{
    const struct space *space = &windows->space;
    uint64_t end = windows->limits.arena_page + windows->limits.arena_pages;
    uint64_t at = windows->limits.arena_page;
    uint64_t in_tree = 0;
    uint64_t free_pages = 0;
    uint32_t in_use = 0;

    check_span_tree(RB_ROOT(&space->tree), NULL, &in_tree);
    for (struct span *span = (struct span *)(uintptr_t)&space->edge; span != NULL;
         span = space_next(span)) {
        assert_int_equal(span->page, at);
        at += span->pages + span->gap;
        free_pages += span->gap;
        in_tree--;
        if (span != &space->edge) {
            check_window(window_of_span(span), sums);
            in_use++;
        }
    }
    assert_int_equal(at, end);
    assert_int_equal(in_tree, 0);
    assert_int_equal(free_pages, space->free);
    return in_use;
}

/* What the windows of an account hold. */
static inline void check_tag(const struct windows *windows, const struct tag *tag)
{
    struct tag_amounts held = {0};

    for (uint32_t slot = 0; slot < windows->slots_touched; slot++) {
        const struct window *window = &windows->slots[slot];

        if (!window->used || window->owner != tag)
            continue;
        assert_int_equal(window->tag, tag->tag);
        held.windows++;
        held.pages += window->span.pages;
        held.extents += window->max_extents;
    }
    assert_int_equal(held.windows, tag->held.windows);
    assert_int_equal(held.pages, tag->held.pages);
    assert_int_equal(held.extents, tag->held.extents);
}

static inline uint32_t check_tag_tree(const struct windows *windows, struct tag *tag,
                                      struct tag *parent, uint32_t *tags)
{
    if (tag == NULL)
        return 1;
    const uint32_t left_black = check_tag_tree(windows, RB_LEFT(tag, node), tag, tags);
    const uint32_t right_black = check_tag_tree(windows, RB_RIGHT(tag, node), tag, tags);
    CHECK_NODE(tag, parent, node, left_black, right_black);
    assert_true(RB_LEFT(tag, node) == NULL || RB_LEFT(tag, node)->tag < tag->tag);
    assert_true(RB_RIGHT(tag, node) == NULL || RB_RIGHT(tag, node)->tag > tag->tag);
    assert_int_equal(tag->idle, tag->held.windows == 0 && tag->quota.windows == 0 &&
                                    tag->quota.pages == 0 && tag->quota.extents == 0);
    check_tag(windows, tag);
    ++tags[0];
    tags[1] += tag->idle;
    return left_black + (RB_COLOR(tag, node) == RB_BLACK);
}

static inline void check_tags(const struct windows *windows)
{
    const struct tags *tags = &windows->tags;
    const struct tag *last = NULL;
    uint32_t counts[2] = {0}; /* in the tree, of these idle */
    uint32_t idle = 0;
    uint32_t free_records = 0;

    check_tag_tree(windows, RB_ROOT(&tags->tree), NULL, counts);
    for (const struct tag *tag = tags->oldest; tag != NULL; tag = tag->newer) {
        assert_true(tag->idle && tag->older == last);
        last = tag;
        idle++;
    }
    assert_ptr_equal(tags->newest, last);
    for (const struct tag *tag = tags->free; tag != NULL; tag = tag->newer)
        free_records++;
    assert_int_equal(idle, counts[1]);
    assert_int_equal(counts[0] + free_records, tags->touched);
    assert_true(tags->touched <= tags->room && tags->room == windows->limits.tags);
}

static inline void check_slots(const struct windows *windows, uint32_t in_use)
{
    uint32_t free_slots = 0;
    const struct window *last = NULL;

    for (const struct window *window = windows->free_first; window != NULL;
         window = window->next_free) {
        assert_false(window->used || window->published);
        last = window;
        free_slots++;
    }
    if (last != NULL)
        assert_ptr_equal(last, windows->free_last);
    assert_int_equal(in_use, windows->in_use);
    assert_int_equal(in_use + free_slots + windows->slots_retired, windows->slots_touched);
    assert_true(windows->slots_touched <= windows->limits.windows);
}

static inline void check_invariants(struct windows *windows)
{
    struct invariant_sums sums = {0};
    uint64_t live = 0;

    check_slots(windows, check_arena(windows, &sums));
    for (uint32_t cache = 0; cache < CACHE_TYPES; cache++)
        check_live_tree(RB_ROOT(&windows->live[cache]), NULL, &live);
    assert_int_equal(live, sums.live);
    for (uint32_t slot = 0; slot <= BACKINGS_OBJECTS; slot++)
        assert_int_equal(windows->backings->object[slot].extents, sums.by_slot[slot]);
    assert_int_equal(sums.extents, windows->extents);
    assert_int_equal(sums.mapped_pages, windows->mapped_pages);
    assert_int_equal(sums.max_extents, windows->extents_reserved);
    assert_int_equal(sums.max_extents + spare_length(&windows->spare), windows->records_touched);
    assert_true(windows->records_touched <= windows->limits.extents);
    check_tags(windows);
}

/* By member, for there is padding between them. */
static inline void assert_totals_equal(const struct windows_totals *totals,
                                       const struct windows_totals *expected)
{
    assert_int_equal(totals->arena_pages, expected->arena_pages);
    assert_int_equal(totals->arena_free, expected->arena_free);
    assert_int_equal(totals->arena_largest, expected->arena_largest);
    assert_int_equal(totals->mapped_pages, expected->mapped_pages);
    assert_int_equal(totals->windows_max, expected->windows_max);
    assert_int_equal(totals->windows, expected->windows);
    assert_int_equal(totals->pieces, expected->pieces);
    assert_int_equal(totals->extents_max, expected->extents_max);
    assert_int_equal(totals->extents_reserved, expected->extents_reserved);
    assert_int_equal(totals->extents, expected->extents);
    assert_int_equal(totals->reserves, expected->reserves);
    assert_int_equal(totals->releases, expected->releases);
    assert_int_equal(totals->maps, expected->maps);
    assert_int_equal(totals->unmaps, expected->unmaps);
}

#endif
