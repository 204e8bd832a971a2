/* SPDX-License-Identifier: MIT
 * The MAPs of one window: a tree of their heads, by page offset. They never overlap. */
#include "internal.h"

static int compare(const struct extent *a, const struct extent *b)
{
    return (a->offset > b->offset) - (a->offset < b->offset);
}

TREE_GENERATE(mapping_tree, extent, place, compare)

void mappings_insert(struct window *window, struct extent *head)
{
    RB_INSERT(mapping_tree, &window->tree, head);
}

void mappings_remove(struct window *window, struct extent *head)
{
    RB_REMOVE(mapping_tree, &window->tree, head);
}

struct extent *mappings_ending_behind(const struct window *window, uint64_t offset)
{
    struct extent *head = RB_ROOT(&window->tree);
    struct extent *found = NULL;

    while (head) {
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
