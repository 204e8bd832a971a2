/* SPDX-License-Identifier: MIT
 * From an MDL's page numbers to a page list. */
#ifndef HOLDFAST_GUEST_WDM_PAGE_LIST_H
#define HOLDFAST_GUEST_WDM_PAGE_LIST_H

#include "holdfast/wdm.h"

/* Makes extents of consecutive page numbers until the list has room extents (at least 1) or the
 * numbers are used up. Returns how many extents; *used: how many numbers. Cannot fail. */
uint32_t hf_page_list_fill(const PFN_NUMBER *page, SIZE_T count, struct hf_extent *list,
                           uint32_t room, SIZE_T *used);

#endif
