/* SPDX-License-Identifier: MIT
 * Coalesces page numbers. */
#include "guest/lib/wdm/page_list.h"

#include <stdbool.h>

static bool continues(const struct hf_extent *extent, PFN_NUMBER page)
{
    return extent->pages < UINT32_MAX && page == extent->first + extent->pages;
}

uint32_t hf_page_list_fill(const PFN_NUMBER *page, SIZE_T count, struct hf_extent *list,
                           uint32_t room, SIZE_T *used)
{
    uint32_t extents = 0;
    SIZE_T i;

    for (i = 0; i < count; i++) {
        if (extents > 0 && continues(&list[extents - 1], page[i])) {
            list[extents - 1].pages++;
            continue;
        }
        if (extents == room)
            break;
        list[extents++] = (struct hf_extent){.first = page[i], .pages = 1, .object = HF_RAM};
    }
    *used = i;
    return extents;
}
