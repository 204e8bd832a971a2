/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Page lists, built from what Linux has. Nothing here allocates or sleeps. */
#ifndef HOLDFAST_LINUX_LIST_H
#define HOLDFAST_LINUX_LIST_H

#include <linux/types.h>

#include "holdfast/abi.h"

/* So many extents fit behind a MAP's or REMAP's structure in one page. */
#define HF_LIST_IN_PAGE                                   \
	((u32)((HF_PAGE_SIZE - sizeof(struct hf_remap)) / \
	       sizeof(struct hf_extent)))

struct hf_list {
	struct hf_extent *at;
	u32 max;
	u32 count;
	u64 pages; /* that still fit in the window */
};

/*
 * Fills a list with count items of its kind, neighbours merged: -ERANGE when
 * there are more pages than the window has, -ENOSPC when the list is full, or
 * -EINVAL.
 */
typedef int hf_list_fill(struct hf_list *list, const void *items, u32 count);

int hf_list_extents(struct hf_list *list, const void *extents, u32 count);
int hf_list_pages(struct hf_list *list, const void *pages, u32 count);
int hf_list_bvecs(struct hf_list *list, const void *vecs, u32 count);

#endif
