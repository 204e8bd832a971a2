// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Page lists, built from extents, struct page and bio_vec. */
#include <linux/bvec.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>

#include "list.h"

static bool follows(const struct hf_extent *last, u64 first, u32 pages,
		    u32 object)
{
	return last->object == object && first >= last->pages &&
	       first - last->pages == last->first &&
	       pages <= U32_MAX - last->pages;
}

static int add(struct hf_list *list, u64 first, u32 pages, u32 object)
{
	/* An extent without pages must not vanish in its neighbour. */
	if (!pages)
		return -EINVAL;
	if (pages > list->pages)
		return -ERANGE;
	list->pages -= pages;
	if (list->count &&
	    follows(&list->at[list->count - 1], first, pages, object)) {
		list->at[list->count - 1].pages += pages;
		return 0;
	}
	if (list->count == list->max)
		return -ENOSPC;
	list->at[list->count++] = (struct hf_extent){
		.first = first, .pages = pages, .object = object};
	return 0;
}

int hf_list_extents(struct hf_list *list, const void *extents, u32 count)
{
	const struct hf_extent *extent = extents;
	int error = 0;

	for (; count && !error; count--, extent++)
		error = add(list, extent->first, extent->pages, extent->object);
	return error;
}

int hf_list_pages(struct hf_list *list, const void *pages, u32 count)
{
	struct page *const *page = pages;
	int error = 0;

	for (; count && !error; count--, page++)
		error = add(list, page_to_pfn(*page), 1, HF_RAM);
	return error;
}

int hf_list_bvecs(struct hf_list *list, const void *vecs, u32 count)
{
	const struct bio_vec *vec = vecs;
	int error = 0;

	for (; count && !error; count--, vec++) {
		if ((vec->bv_offset | vec->bv_len) & ~PAGE_MASK)
			return -EINVAL;
		error = add(list,
			    page_to_pfn(vec->bv_page) +
				    (vec->bv_offset >> PAGE_SHIFT),
			    vec->bv_len >> PAGE_SHIFT, HF_RAM);
	}
	return error;
}
