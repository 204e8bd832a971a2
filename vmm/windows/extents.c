/* SPDX-License-Identifier: MIT
 * Records of extents. A RESERVE moves as many as its window may ever need into the window's own
 * list and writes to each, so that a MAP finds them there and touches no fresh page. */
#include "table.h"

void extents_put(struct extent_list *list, struct extent *extent)
{
    extent->next = list->first;
    if (list->first == NULL)
        list->last = extent;
    list->first = extent;
}

struct extent *extents_take(struct extent_list *list)
{
    struct extent *extent = list->first;

    list->first = extent->next;
    return extent;
}

void extents_set_aside(struct windows *windows, uint32_t count, struct extent_list *list)
{
    windows->extents_reserved += count;
    for (; count > 0; count--) {
        struct extent *extent;

        if (windows->spare.first != NULL) {
            extent = extents_take(&windows->spare);
        } else {
            extent = &windows->records[windows->records_touched++];
            /* The whole record: it may lie across two pages. */
            *extent = (struct extent){0};
        }
        extents_put(list, extent);
    }
}

void extents_give_back(struct windows *windows, const struct extent_list *list)
{
    if (list->first == NULL)
        return;
    list->last->next = windows->spare.first;
    if (windows->spare.first == NULL)
        windows->spare.last = list->last;
    windows->spare.first = list->first;
}
