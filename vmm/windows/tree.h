/* SPDX-License-Identifier: MIT
 * Trees, as in <bsd/sys/tree.h>, and trees whose nodes know something of all nodes below. */
#ifndef HOLDFAST_WINDOWS_TREE_H
#define HOLDFAST_WINDOWS_TREE_H

#include <bsd/sys/tree.h>
#include <stddef.h>

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

#endif
