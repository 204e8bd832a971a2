/* SPDX-License-Identifier: MIT
 * Who has which part of the arena: a tree of the spans in use. */
#ifndef HOLDFAST_WINDOWS_SPACE_H
#define HOLDFAST_WINDOWS_SPACE_H

#include "tree.h"

#include <stdbool.h>
#include <stdint.h>

/* A part of the arena in use, and the free pages between it and the next one. */
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

/* Where a new span fits: somewhere in the gap behind an existing one. */
struct fit {
    struct span *previous;
    uint64_t page;
};

void space_init(struct space *space, uint64_t page, uint64_t pages);

/* Finds room for pages (less than 2^32), with a base divisible by pages if asked for. false if
 * there is none. */
bool space_find(const struct space *space, uint64_t pages, bool divisible, struct fit *fit);

/* Neither can fail. */
void space_insert(struct space *space, const struct fit *fit, struct span *span, uint64_t pages);
void space_remove(struct space *space, struct span *span);

uint64_t space_largest(const struct space *space);

/* How many pieces have a page of this span, and of no other. */
uint64_t space_pieces_alone(const struct space *space, struct span *span);

/* The same for a span that would be inserted there. */
uint64_t space_pieces_wanted(const struct space *space, const struct fit *fit, uint64_t pages);

/* Finds room like space_find(), where no more pieces than so many are wanted: next to spans that
 * have a piece to share, or where a piece begins. Looks at every gap. Of the fits with a
 * divisible base, some in the middle of a gap are left out. */
bool space_find_within(const struct space *space, uint64_t pages, bool divisible, uint64_t pieces,
                       struct fit *fit);

/* The first span that ends behind page, the edge included; the one after; NULL for none. */
struct span *space_ending_behind(const struct space *space, uint64_t page);
struct span *space_next(struct span *span);

#endif
