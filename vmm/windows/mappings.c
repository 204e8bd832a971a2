/* SPDX-License-Identifier: MIT
 * The MAPs of one window: a tree of their heads, by page offset, in which every node knows how many
 * pages are mapped below it. They never overlap. */
#include "mapped.h"

static int compare(const struct extent *a, const struct extent *b)
{
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static uint32_t pages_below(const struct extent *head)
{
    return head != NULL ? head->subtree_pages : 0;
}

static void update(struct extent *head)
{
    head->subtree_pages =
        head->map_pages + pages_below(RB_LEFT(head, place)) + pages_below(RB_RIGHT(head, place));
}

#undef RB_AUGMENT
#define RB_AUGMENT(head) update(head)
SUMMED_TREE_GENERATE(mapping_tree, extent, place, compare, update)

void mappings_insert(struct window *window, struct extent *head)
{
    head->subtree_pages = head->map_pages;
    RB_INSERT(mapping_tree, &window->tree, head);
    update_upwards(head);
}

void mappings_remove(struct window *window, struct extent *head)
{
    struct extent *changed = lowest_changed(head);

    RB_REMOVE(mapping_tree, &window->tree, head);
    update_upwards(changed);
}

struct extent *mappings_ending_behind(const struct window *window, uint64_t offset)
{
    struct extent *head = RB_ROOT(&window->tree);
    struct extent *found = NULL;

    while (head != NULL) {
        if (mapping_end(head) > offset) {
            found = head;
            head = RB_LEFT(head, place);
        } else {
            head = RB_RIGHT(head, place);
        }
    }
    return found;
}

struct extent *mappings_next(struct extent *head)
{
    return RB_NEXT(mapping_tree, NULL, head);
}

/* How many of the window's pages before the offset are mapped. */
static uint64_t mapped_before(const struct window *window, uint64_t offset)
{
    const struct extent *head = RB_ROOT(&window->tree);
    uint64_t pages = 0;

    while (head != NULL) {
        if (head->offset >= offset) {
            head = RB_LEFT(head, place);
            continue;
        }
        pages += pages_below(RB_LEFT(head, place));
        pages += mapping_end(head) < offset ? head->map_pages : offset - head->offset;
        head = RB_RIGHT(head, place);
    }
    return pages;
}

bool mappings_cover(const struct window *window, uint64_t offset, uint64_t pages)
{
    return mapped_before(window, offset + pages) - mapped_before(window, offset) == pages;
}
