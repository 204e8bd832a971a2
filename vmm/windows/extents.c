/* SPDX-License-Identifier: MIT
 * Records of extents. A RESERVE moves as many as its window may ever need into the window's own
 * list and writes to each, so that a MAP finds them there and touches no fresh page. */
#include "table.h"

static struct extent_record *record_of(struct extent *extent)
{
    return (void *)((char *)extent - offsetof(struct extent_record, extent));
}

static void put(struct spare_list *list, struct extent_record *record)
{
    record->next = list->first;
    if (list->first == NULL)
        list->last = record;
    list->first = record;
}

void extents_put(struct spare_list *list, struct extent *extent)
{
    put(list, record_of(extent));
}

struct extent_record *extents_take(struct spare_list *list)
{
    struct extent_record *record = list->first;

    list->first = record->next;
    return record;
}

void extents_set_aside(struct windows *windows, uint32_t count, struct spare_list *list)
{
    windows->extents_reserved += count;
    for (; count > 0; count--) {
        struct extent_record *record;

        if (windows->spare.first != NULL) {
            record = extents_take(&windows->spare);
        } else {
            record = &windows->records[windows->records_touched++];
            /* The whole record: it may lie across two pages. */
            *record = (struct extent_record){0};
        }
        put(list, record);
    }
}

void extents_give_back(struct windows *windows, const struct spare_list *list)
{
    if (list->first == NULL)
        return;
    list->last->next = windows->spare.first;
    if (windows->spare.first == NULL)
        windows->spare.last = list->last;
    windows->spare.first = list->first;
}
