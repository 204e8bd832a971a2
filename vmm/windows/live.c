/* SPDX-License-Identifier: MIT
 * All extents that are mapped and whose backing is still there: for each cache type one interval
 * tree over the pages of all backings, in which every node knows the greatest end below it. */
#include "mapped.h"

static uint64_t end_of(const struct extent *extent)
{
    return extent->key + extent->pages;
}

/* The same pages may be mapped many times; then the records' addresses decide. */
static int compare(const struct extent *a, const struct extent *b)
{
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static void update(struct extent *extent)
{
    const struct extent *left = RB_LEFT(extent, node);
    const struct extent *right = RB_RIGHT(extent, node);

    extent->subtree_end = end_of(extent);
    if (left != NULL && left->subtree_end > extent->subtree_end)
        extent->subtree_end = left->subtree_end;
    if (right != NULL && right->subtree_end > extent->subtree_end)
        extent->subtree_end = right->subtree_end;
}

#undef RB_AUGMENT
#define RB_AUGMENT(extent) update(extent)
SUMMED_TREE_GENERATE(live_tree, extent, node, compare, update)

void live_insert(struct windows *windows, struct extent *extent)
{
    extent->subtree_end = end_of(extent);
    RB_INSERT(live_tree, &windows->live[extent->cache], extent);
    update_upwards(extent);
    windows->backings->object[live_slot(extent)].extents++;
}

void live_remove(struct windows *windows, struct extent *extent)
{
    struct extent *changed = lowest_changed(extent);

    RB_REMOVE(live_tree, &windows->live[extent->cache], extent);
    update_upwards(changed);
    windows->backings->object[live_slot(extent)].extents--;
}

struct extent *live_find(const struct windows *windows, enum hf_cache cache, uint64_t key,
                         uint64_t end)
{
    struct extent *extent = RB_ROOT(&windows->live[cache]);

    while (extent != NULL) {
        struct extent *left = RB_LEFT(extent, node);

        if (extent->key < end && end_of(extent) > key)
            return extent;
        /* If something on the left ends behind key and yet nothing there overlaps, then it
         * begins at end or later, and so does everything on the right. */
        extent = left != NULL && left->subtree_end > key ? left : RB_RIGHT(extent, node);
    }
    return NULL;
}

enum hf_cache live_type_in_force(const struct windows *windows, const struct run *runs,
                                 uint32_t count, enum hf_cache asked)
{
    static const enum hf_cache strictest_first[CACHE_TYPES] = {
        HF_CACHE_NONCACHED, HF_CACHE_WRITE_COMBINED, HF_CACHE_CACHED};

    for (uint32_t type = 0; type < CACHE_TYPES; type++) {
        enum hf_cache cache = strictest_first[type];

        /* The loosest type needs no look where it was asked for: it is the answer either way. */
        if (RB_EMPTY(&windows->live[cache]) || (cache == HF_CACHE_CACHED && cache == asked))
            continue;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t key = live_key(runs[i].slot, runs[i].first);

            if (live_find(windows, cache, key, key + runs[i].pages) != NULL)
                return cache;
        }
    }
    return asked;
}
