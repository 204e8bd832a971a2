/* SPDX-License-Identifier: MIT
 * The extents of one window whose object was detached by force: a tree by page offset. They are
 * mapped for the guest but show nothing. They never overlap. */
#include "mapped.h"

static int compare(const struct extent *a, const struct extent *b)
{
    return (a->offset > b->offset) - (a->offset < b->offset);
}

TREE_GENERATE(detached_tree, extent, node, compare)

void detached_insert(struct window *window, struct extent *extent)
{
    RB_INSERT(detached_tree, &window->detached, extent);
}

void detached_remove(struct window *window, struct extent *extent)
{
    RB_REMOVE(detached_tree, &window->detached, extent);
}

struct extent *detached_before(const struct window *window, uint64_t offset)
{
    struct extent *extent = RB_ROOT(&window->detached);
    struct extent *found = NULL;

    while (extent != NULL) {
        if (extent->offset <= offset) {
            found = extent;
            extent = RB_RIGHT(extent, node);
        } else {
            extent = RB_LEFT(extent, node);
        }
    }
    return found;
}

static struct extent *detached_first(const struct window *window)
{
    struct extent *extent = RB_ROOT(&window->detached);

    while (extent != NULL && RB_LEFT(extent, node) != NULL)
        extent = RB_LEFT(extent, node);
    return extent;
}

struct extent *detached_next(const struct window *window, struct extent *extent)
{
    return extent != NULL ? RB_NEXT(detached_tree, NULL, extent) : detached_first(window);
}
