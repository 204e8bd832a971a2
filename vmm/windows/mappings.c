/* SPDX-License-Identifier: MIT
 * The mappings of one window: a tree by page offset, in which every node knows how many pages are
 * mapped below it. They never overlap. */
#include "mapped.h"

static int compare(const struct mapping *a, const struct mapping *b)
{
    return (mapping_offset(a) > mapping_offset(b)) - (mapping_offset(a) < mapping_offset(b));
}

static uint32_t pages_below(const struct mapping *mapping)
{
    return mapping != NULL ? mapping->subtree_pages : 0;
}

static void update(struct mapping *mapping)
{
    mapping->subtree_pages = mapping->pages + pages_below(RB_LEFT(mapping, by_offset)) +
                             pages_below(RB_RIGHT(mapping, by_offset));
}

#undef RB_AUGMENT
#define RB_AUGMENT(mapping) update(mapping)
SUMMED_TREE_GENERATE(mapping_tree, mapping, by_offset, compare, update)

void mappings_insert(struct window *window, struct mapping *mapping)
{
    mapping->subtree_pages = mapping->pages;
    RB_INSERT(mapping_tree, &window->tree, mapping);
    update_upwards(mapping);
}

void mappings_remove(struct window *window, struct mapping *mapping)
{
    struct mapping *changed = lowest_changed(mapping);

    RB_REMOVE(mapping_tree, &window->tree, mapping);
    update_upwards(changed);
}

struct mapping *mappings_ending_behind(const struct window *window, uint64_t offset)
{
    struct mapping *mapping = RB_ROOT(&window->tree);
    struct mapping *found = NULL;

    while (mapping != NULL) {
        if (mapping_end(mapping) > offset) {
            found = mapping;
            mapping = RB_LEFT(mapping, by_offset);
        } else {
            mapping = RB_RIGHT(mapping, by_offset);
        }
    }
    return found;
}

struct mapping *mappings_next(struct mapping *mapping)
{
    return RB_NEXT(mapping_tree, NULL, mapping);
}

/* How many of the window's pages before the offset are mapped. */
static uint64_t mapped_before(const struct window *window, uint64_t offset)
{
    const struct mapping *mapping = RB_ROOT(&window->tree);
    uint64_t pages = 0;

    while (mapping != NULL) {
        if (mapping_offset(mapping) >= offset) {
            mapping = RB_LEFT(mapping, by_offset);
            continue;
        }
        pages += pages_below(RB_LEFT(mapping, by_offset));
        pages += mapping_end(mapping) < offset ? mapping->pages : offset - mapping_offset(mapping);
        mapping = RB_RIGHT(mapping, by_offset);
    }
    return pages;
}

bool mappings_cover(const struct window *window, uint64_t offset, uint64_t pages)
{
    return mapped_before(window, offset + pages) - mapped_before(window, offset) == pages;
}
