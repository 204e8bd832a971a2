/* SPDX-License-Identifier: MIT
 * Free space in the arena: a tree of the spans in use, by address, in which every node knows the
 * greatest gap below it. The leftmost gap that is long enough is found in O(log n). */
#include "space.h"
#include "windows.h"

static uint64_t end_of(const struct span *span)
{
    return span->page + span->pages; /* fanalyzer: nobody asks for what is before the edge */
}

/* By end, not by begin: the edge begins where the first window may begin, too. */
static int compare(const struct span *a, const struct span *b)
{
    return (end_of(a) > end_of(b)) - (end_of(a) < end_of(b));
}

static void update(struct span *span)
{
    const struct span *left = RB_LEFT(span, node);
    const struct span *right = RB_RIGHT(span, node);

    span->subtree_gap = span->gap;
    if (left != NULL && left->subtree_gap > span->subtree_gap)
        span->subtree_gap = left->subtree_gap;
    if (right != NULL && right->subtree_gap > span->subtree_gap)
        span->subtree_gap = right->subtree_gap;
}

#undef RB_AUGMENT
#define RB_AUGMENT(span) update(span)
SUMMED_TREE_GENERATE(span_tree, span, node, compare, update)

void space_init(struct space *space, uint64_t page, uint64_t pages)
{
    RB_INIT(&space->tree);
    space->free = pages;
    space->edge = (struct span){.page = page, .gap = pages, .subtree_gap = pages};
    RB_INSERT(span_tree, &space->tree, &space->edge);
}

/* The leftmost span of a subtree with a gap of at least so many pages behind it. */
static struct span *leftmost(struct span *root, uint64_t pages)
{
    struct span *span = root;

    if (span->subtree_gap < pages)
        return NULL;
    for (;;) {
        struct span *left = RB_LEFT(span, node);

        if (left != NULL && left->subtree_gap >= pages)
            span = left;
        else if (span->gap >= pages)
            return span;
        else
            span = RB_RIGHT(span, node);
    }
}

/* The next one to the right of span. */
static struct span *next_gap(struct span *span, uint64_t pages)
{
    struct span *right = RB_RIGHT(span, node);

    if (right != NULL && right->subtree_gap >= pages)
        return leftmost(right, pages);
    for (struct span *parent = RB_PARENT(span, node); parent != NULL;
         parent = RB_PARENT(span, node)) {
        bool from_left = RB_LEFT(parent, node) == span;

        span = parent;
        if (!from_left)
            continue;
        if (span->gap >= pages)
            return span;
        right = RB_RIGHT(span, node);
        if (right != NULL && right->subtree_gap >= pages)
            return leftmost(right, pages);
    }
    return NULL;
}

static uint64_t round_up(uint64_t page, uint64_t align)
{
    uint64_t over = page % align;

    return over ? page + (align - over) : page;
}

static bool find_aligned(const struct space *space, uint64_t pages, uint64_t align, struct fit *fit)
{
    struct span *root = RB_ROOT(&space->tree);

    /* A gap of this length has an aligned fit wherever it lies. */
    struct span *span = leftmost(root, pages + (align - 1));
    if (span == NULL) {
        for (span = leftmost(root, pages); span != NULL; span = next_gap(span, pages)) {
            uint64_t lost = round_up(end_of(span), align) - end_of(span);

            if (lost <= span->gap - pages)
                break;
        }
    }
    if (span == NULL)
        return false;
    *fit = (struct fit){.previous = span, .page = round_up(end_of(span), align)};
    return true;
}

bool space_find(const struct space *space, uint64_t pages, bool divisible, struct fit *fit)
{
    if (divisible)
        return find_aligned(space, pages, pages, fit);
    if (pages >= PIECE_PAGES && find_aligned(space, pages, PIECE_PAGES, fit))
        return true;
    return find_aligned(space, pages, 1, fit);
}

void space_insert(struct space *space, const struct fit *fit, struct span *span, uint64_t pages)
{
    struct span *previous = fit->previous;
    uint64_t before = fit->page - end_of(previous);

    span->page = fit->page;
    span->pages = pages;
    span->gap = previous->gap - before - pages;
    span->subtree_gap = span->gap;
    previous->gap = before;
    RB_INSERT(span_tree, &space->tree, span);
    update_upwards(span); /* previous lies on the way, or was just rotated below span */
    space->free -= pages;
}

void space_remove(struct space *space, struct span *span)
{
    struct span *changed = lowest_changed(span);
    struct span *previous = RB_PREV(span_tree, &space->tree, span);

    previous->gap += span->pages + span->gap; /* fanalyzer: the edge is before all */
    RB_REMOVE(span_tree, &space->tree, span);
    update_upwards(changed);
    update_upwards(previous);
    space->free += span->pages;
}

uint64_t space_largest(const struct space *space)
{
    return RB_ROOT(&space->tree)->subtree_gap;
}

/* How many pieces have a page from page to end, and none of the spans next to it; NULL: no such
 * span. */
static uint64_t pieces_alone(const struct space *space, const struct span *before, uint64_t page,
                             uint64_t end, const struct span *after)
{
    const uint64_t first = page / PIECE_PAGES;
    const uint64_t last = (end - 1) / PIECE_PAGES;
    const bool shares_first = before != &space->edge && (end_of(before) - 1) / PIECE_PAGES == first;
    const bool shares_last = after != NULL && after->page / PIECE_PAGES == last;
    const uint64_t pieces = last - first + 1;
    const uint64_t shared = (uint64_t)shares_first + (uint64_t)shares_last;

    return shared < pieces ? pieces - shared : 0;
}

uint64_t space_pieces_alone(const struct space *space, struct span *span)
{
    return pieces_alone(space, RB_PREV(span_tree, NULL, span), span->page, end_of(span),
                        RB_NEXT(span_tree, NULL, span));
}

uint64_t space_pieces_wanted(const struct space *space, const struct fit *fit, uint64_t pages)
{
    return pieces_alone(space, fit->previous, fit->page, fit->page + pages,
                        RB_NEXT(span_tree, NULL, fit->previous));
}

bool space_find_within(const struct space *space, uint64_t pages, bool divisible, uint64_t pieces,
                       struct fit *fit)
{
    const uint64_t align = divisible ? pages : 1;
    struct span *span = leftmost(RB_ROOT(&space->tree), pages);

    for (; span != NULL; span = next_gap(span, pages)) {
        const uint64_t begin = end_of(span);
        const uint64_t last = begin + (span->gap - pages);
        const uint64_t first = round_up(begin, align);
        const uint64_t tries[] = {first, divisible ? first + align : round_up(begin, PIECE_PAGES),
                                  last - last % align};

        for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
            *fit = (struct fit){.previous = span, .page = tries[i]};
            if (tries[i] >= begin && tries[i] <= last &&
                space_pieces_wanted(space, fit, pages) <= pieces)
                return true;
        }
    }
    return false;
}

struct span *space_ending_behind(const struct space *space, uint64_t page)
{
    struct span *span = RB_ROOT(&space->tree);
    struct span *found = NULL;

    while (span != NULL) {
        if (end_of(span) > page) {
            found = span;
            span = RB_LEFT(span, node);
        } else {
            span = RB_RIGHT(span, node);
        }
    }
    return found;
}

struct span *space_next(struct span *span)
{
    return RB_NEXT(span_tree, NULL, span);
}
