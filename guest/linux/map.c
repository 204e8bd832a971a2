// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * MAP, UNMAP and REMAP. Nothing here allocates or sleeps: a list is built where
 * the VMM reads it, in this CPU's argument page with interrupts off, or, where
 * that is too small, in the window's own room under its raw spinlock.
 */
#include <linux/export.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "call.h"
#include "list.h"
#include "trace.h"
#include "window.h"

/* What is wanted: a MAP, or a REMAP where there are old pages. */
struct map_request {
	enum hf_call call;
	struct hf_remap args; /* MAP has no more than its beginning */
	size_t bytes;	      /* of args */
	hf_list_fill *fill;
	const void *items;
	u32 count;
};

static struct map_request make_request(const struct holdfast_window *w,
				       u64 page_offset, unsigned int flags,
				       hf_list_fill *fill, const void *items,
				       u32 count)
{
	return (struct map_request){.call = HF_CALL_MAP,
				    .args.map = {.window = w->handle,
						 .page_offset = page_offset,
						 .tag = w->tag,
						 .flags = flags,
						 .cache = HF_CACHE_CACHED},
				    .bytes = sizeof(struct hf_map),
				    .fill = fill,
				    .items = items,
				    .count = count};
}

/* With the list's place and room given: builds it and calls. */
static int submit(struct map_request *request,
		  const struct hf_call_page *pinned, struct hf_list *list,
		  phys_addr_t list_phys, int *status)
{
	int error = request->fill(list, request->items, request->count);

	if (error)
		return error;
	request->args.map.list.value = list_phys;
	request->args.map.extents = list->count;
	memcpy(pinned->page, &request->args, request->bytes);
	*status = hf_call_pinned(pinned, request->call);
	if (*status == HF_OK)
		memcpy(&request->args, pinned->page, request->bytes);
	return 0;
}

static int submit_in_page(const struct holdfast_window *w,
			  struct map_request *request, int *status)
{
	struct hf_call_page pinned = hf_call_pin();
	struct hf_list list = {.at = pinned.page + request->bytes,
			       .max = HF_LIST_IN_PAGE,
			       .pages = w->pages};
	int error = submit(request, &pinned, &list,
			   pinned.phys + request->bytes, status);

	hf_call_unpin(&pinned);
	return error;
}

static int submit_in_window(struct holdfast_window *w,
			    struct map_request *request, int *status)
{
	struct hf_list list = {
		.at = w->list, .max = w->list_max, .pages = w->pages};
	struct hf_call_page pinned = hf_call_pin();
	int error;

	raw_spin_lock(&w->list_lock);
	error = submit(request, &pinned, &list, w->list_phys, status);
	raw_spin_unlock(&w->list_lock);
	hf_call_unpin(&pinned);
	return error == -ENOSPC && list.max == HF_LIST_MAX ? -E2BIG : error;
}

/*
 * A page that somebody has mapped with another type, by calls of their own,
 * must not be reached through a cached mapping.
 */
static int check_cache(struct holdfast_window *w, const struct hf_map *map)
{
	if (likely(map->cache == HF_CACHE_CACHED))
		return 0;
	holdfast_unmap(w, map->page_offset, map->pages);
	return -EBUSY;
}

static int perform(struct holdfast_window *w, struct map_request *request)
{
	int status = HF_OK;
	int error;

	if (!request->count)
		return -EINVAL;
	if (w->list && request->count > HF_LIST_IN_PAGE)
		error = submit_in_window(w, request, &status);
	else
		error = submit_in_page(w, request, &status);
	if (!error)
		error = hf_call_result(request->call, status);
	if (error)
		return error;
	if (request->call == HF_CALL_REMAP)
		trace_holdfast_unmap(w->handle, request->args.old_offset,
				     request->args.old_pages);
	trace_holdfast_map(&request->args.map);
	return check_cache(w, &request->args.map);
}

static int map_list(struct holdfast_window *w, u64 page_offset,
		    unsigned int flags, hf_list_fill *fill, const void *items,
		    u32 count)
{
	struct map_request request =
		make_request(w, page_offset, flags, fill, items, count);

	return perform(w, &request);
}

/* request: as for a MAP. */
static int remap(struct holdfast_window *w, u64 old_offset, u64 old_pages,
		 struct map_request *request)
{
	request->call = HF_CALL_REMAP;
	request->bytes = sizeof(request->args);
	request->args.old_offset = old_offset;
	request->args.old_pages = old_pages;
	return perform(w, request);
}

static struct hf_extent part_of(const struct holdfast_object *object, u64 first,
				u32 pages)
{
	return (struct hf_extent){
		.first = first, .pages = pages, .object = object->id};
}

int holdfast_map_object(struct holdfast_window *w, u64 page_offset,
			const struct holdfast_object *object, u64 first,
			u32 pages, unsigned int flags)
{
	struct hf_extent part = part_of(object, first, pages);

	return map_list(w, page_offset, flags, hf_list_extents, &part, 1);
}
EXPORT_SYMBOL_GPL(holdfast_map_object);

int holdfast_map_extents(struct holdfast_window *w, u64 page_offset,
			 const struct hf_extent *list, u32 count,
			 unsigned int flags)
{
	return map_list(w, page_offset, flags, hf_list_extents, list, count);
}
EXPORT_SYMBOL_GPL(holdfast_map_extents);

int holdfast_map_pages(struct holdfast_window *w, u64 page_offset,
		       struct page *const *pages, u32 count, unsigned int flags)
{
	return map_list(w, page_offset, flags, hf_list_pages, pages, count);
}
EXPORT_SYMBOL_GPL(holdfast_map_pages);

int holdfast_map_bvecs(struct holdfast_window *w, u64 page_offset,
		       const struct bio_vec *vecs, u32 count,
		       unsigned int flags)
{
	return map_list(w, page_offset, flags, hf_list_bvecs, vecs, count);
}
EXPORT_SYMBOL_GPL(holdfast_map_bvecs);

int holdfast_unmap(struct holdfast_window *w, u64 page_offset, u64 pages)
{
	struct hf_unmap call = {.window = w->handle,
				.page_offset = page_offset,
				.pages = pages,
				.tag = w->tag};
	int error = hf_call(HF_CALL_UNMAP, &call, sizeof(call));

	if (!error)
		trace_holdfast_unmap(w->handle, page_offset, pages);
	return error;
}
EXPORT_SYMBOL_GPL(holdfast_unmap);

int holdfast_remap_object(struct holdfast_window *w, u64 old_offset,
			  u64 old_pages, u64 page_offset,
			  const struct holdfast_object *object, u64 first,
			  u32 pages, unsigned int flags)
{
	struct hf_extent part = part_of(object, first, pages);
	struct map_request request =
		make_request(w, page_offset, flags, hf_list_extents, &part, 1);

	return remap(w, old_offset, old_pages, &request);
}
EXPORT_SYMBOL_GPL(holdfast_remap_object);

int holdfast_remap_extents(struct holdfast_window *w, u64 old_offset,
			   u64 old_pages, u64 page_offset,
			   const struct hf_extent *list, u32 count,
			   unsigned int flags)
{
	struct map_request request = make_request(w, page_offset, flags,
						  hf_list_extents, list, count);

	return remap(w, old_offset, old_pages, &request);
}
EXPORT_SYMBOL_GPL(holdfast_remap_extents);

int holdfast_remap_pages(struct holdfast_window *w, u64 old_offset,
			 u64 old_pages, u64 page_offset,
			 struct page *const *pages, u32 count,
			 unsigned int flags)
{
	struct map_request request = make_request(w, page_offset, flags,
						  hf_list_pages, pages, count);

	return remap(w, old_offset, old_pages, &request);
}
EXPORT_SYMBOL_GPL(holdfast_remap_pages);

int holdfast_remap_bvecs(struct holdfast_window *w, u64 old_offset,
			 u64 old_pages, u64 page_offset,
			 const struct bio_vec *vecs, u32 count,
			 unsigned int flags)
{
	struct map_request request =
		make_request(w, page_offset, flags, hf_list_bvecs, vecs, count);

	return remap(w, old_offset, old_pages, &request);
}
EXPORT_SYMBOL_GPL(holdfast_remap_bvecs);
