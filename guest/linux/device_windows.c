// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The windows of an open file, and what is mapped in them: as the VMM has it,
 * kept here so that a fault finds its map and a close can undo them all.
 */
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "arena.h"
#include "device.h"
#include "window.h"

/* ---- windows ---- */

struct hf_user_window *hf_user_find(struct hf_file *file, u64 arena_page)
{
	struct rb_node *node = file->windows.rb_node;

	while (node) {
		struct hf_user_window *w =
			rb_entry(node, struct hf_user_window, node);

		if (arena_page < w->arena_page)
			node = node->rb_left;
		else if (arena_page - w->arena_page >= w->pages)
			node = node->rb_right;
		else
			return w;
	}
	return NULL;
}

static struct hf_user_window *find_handle(struct hf_file *file, u64 handle)
{
	struct rb_node *node;

	for (node = rb_first(&file->windows); node; node = rb_next(node)) {
		struct hf_user_window *w =
			rb_entry(node, struct hf_user_window, node);

		if (w->window->handle == handle)
			return w;
	}
	return NULL;
}

static bool window_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct hf_user_window, node)->arena_page <
	       rb_entry(b, struct hf_user_window, node)->arena_page;
}

static void insert_window(struct hf_file *file, struct hf_user_window *new)
{
	rb_add(&new->node, &file->windows, window_before);
	file->count++;
}

static void free_window(struct hf_user_window *w)
{
	kvfree(w->room);
	kfree(w);
}

static struct hf_user_window *allocate_window(u32 maps_max)
{
	struct hf_user_window *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!w)
		return NULL;
	w->room = kvcalloc(maps_max, sizeof(w->room[0]), GFP_KERNEL_ACCOUNT);
	if (!w->room) {
		kfree(w);
		return NULL;
	}
	w->maps = RB_ROOT;
	for (i = 0; i < maps_max; i++) {
		w->room[i].next_free = w->free;
		w->free = &w->room[i];
	}
	return w;
}

int hf_user_reserve(struct hf_file *file, struct holdfast_linux_reserve *call)
{
	struct hf_user_window *w;
	int error;

	if (call->zero || !call->maps_max ||
	    call->maps_max > HOLDFAST_WINDOW_MAPS_MAX)
		return -EINVAL;
	if (file->count == HOLDFAST_FILE_WINDOWS_MAX)
		return -EMFILE;
	w = allocate_window(call->maps_max);
	if (!w)
		return -ENOMEM;
	/* Each map is one extent, and so no list needs room of its own. */
	w->window =
		hf_window_reserve(call->bytes, call->tag, 0, call->maps_max, 0);
	if (IS_ERR(w->window)) {
		error = PTR_ERR(w->window);
		free_window(w);
		return error;
	}
	w->arena_page = hf_arena_page(w->window->base);
	w->pages = w->window->pages;
	insert_window(file, w);
	call->window = w->window->handle;
	call->mmap_offset = w->arena_page << PAGE_SHIFT;
	return 0;
}

static int release(struct hf_file *file, struct hf_user_window *w)
{
	int error = hf_window_release(w->window);

	if (error)
		return error;
	rb_erase(&w->node, &file->windows);
	file->count--;
	free_window(w);
	return 0;
}

int hf_user_release(struct hf_file *file,
		    const struct holdfast_linux_release *call)
{
	struct hf_user_window *w = find_handle(file, call->window);

	if (!w)
		return -ENXIO;
	if (!RB_EMPTY_ROOT(&w->maps))
		return -EBUSY;
	return release(file, w);
}

/* ---- maps ---- */

/* The first map that ends behind this page, or NULL. */
static struct hf_user_map *find_from(struct hf_user_window *w, u64 page_offset)
{
	struct rb_node *node = w->maps.rb_node;
	struct hf_user_map *found = NULL;

	while (node) {
		struct hf_user_map *map =
			rb_entry(node, struct hf_user_map, node);

		if (map->page_offset + map->pages > page_offset) {
			found = map;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

struct hf_user_map *hf_user_find_map(struct hf_user_window *w, u64 page_offset)
{
	struct hf_user_map *map = find_from(w, page_offset);

	return map && map->page_offset <= page_offset ? map : NULL;
}

bool hf_user_has_read_only(struct hf_user_window *w, u64 page_offset, u64 pages)
{
	struct hf_user_map *map = find_from(w, page_offset);
	struct rb_node *next;

	while (map && map->page_offset < page_offset + pages) {
		if (!map->writable)
			return true;
		next = rb_next(&map->node);
		map = next ? rb_entry(next, struct hf_user_map, node) : NULL;
	}
	return false;
}

static bool map_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct hf_user_map, node)->page_offset <
	       rb_entry(b, struct hf_user_map, node)->page_offset;
}

static void remove_map(struct hf_user_window *w, struct hf_user_map *map)
{
	rb_erase(&map->node, &w->maps);
	map->next_free = w->free;
	w->free = map;
}

int hf_user_map(struct hf_file *file, const struct holdfast_linux_map *call)
{
	struct hf_user_window *w = find_handle(file, call->window);
	bool writable = !(call->flags & HOLDFAST_LINUX_READ_ONLY);
	const struct holdfast_object object = {.id = call->object};
	struct hf_user_map *map;
	int error;

	if (!w)
		return -ENXIO;
	if (call->page_offset >= w->pages ||
	    call->pages > w->pages - call->page_offset)
		return -ERANGE;
	/* The guest's own RAM is not for programs. */
	if (object.id == HF_RAM)
		return -ENXIO;
	if (!w->free)
		return -ENOSPC;
	error = holdfast_map_object(w->window, call->page_offset, &object,
				    call->first, (u32)call->pages,
				    writable ? 0 : HF_MAP_READ_ONLY);
	if (error)
		return error;
	map = w->free;
	w->free = map->next_free;
	map->page_offset = call->page_offset;
	map->pages = call->pages;
	map->writable = writable;
	map->doubtful = false;
	rb_add(&map->node, &w->maps, map_before);
	return 0;
}

/*
 * Takes the map's pages from the programs' page tables. A fault that comes now
 * waits for the file's lock.
 */
static void zap(struct hf_file *file, const struct hf_user_window *w,
		const struct hf_user_map *map)
{
	unmap_mapping_range(file->mapping,
			    (w->arena_page + map->page_offset) << PAGE_SHIFT,
			    map->pages << PAGE_SHIFT, 1);
}

int hf_user_unmap(struct hf_file *file, const struct holdfast_linux_unmap *call)
{
	struct hf_user_window *w = find_handle(file, call->window);
	struct hf_user_map *map;
	int error;

	if (!w)
		return -ENXIO;
	if (call->page_offset >= w->pages ||
	    call->pages > w->pages - call->page_offset)
		return -ERANGE;
	map = hf_user_find_map(w, call->page_offset);
	if (!map || map->page_offset != call->page_offset)
		return -ENOENT;
	if (map->pages != call->pages)
		return -EINVAL;
	/* First, so that programs meet SIGBUS and not #GP. */
	zap(file, w, map);
	error = holdfast_unmap(w->window, map->page_offset, map->pages);
	if (!error)
		remove_map(w, map);
	return error;
}

void hf_user_doubt(struct hf_file *file)
{
	struct rb_node *window, *node;

	for (window = rb_first(&file->windows); window;
	     window = rb_next(window)) {
		struct hf_user_window *w =
			rb_entry(window, struct hf_user_window, node);

		for (node = rb_first(&w->maps); node; node = rb_next(node)) {
			struct hf_user_map *map =
				rb_entry(node, struct hf_user_map, node);

			map->doubtful = true;
			zap(file, w, map);
			cond_resched();
		}
	}
}

void hf_user_close(struct hf_file *file)
{
	struct rb_node *node;

	while ((node = rb_first(&file->windows))) {
		struct hf_user_window *w =
			rb_entry(node, struct hf_user_window, node);

		while ((node = rb_first(&w->maps))) {
			struct hf_user_map *map =
				rb_entry(node, struct hf_user_map, node);

			holdfast_unmap(w->window, map->page_offset, map->pages);
			remove_map(w, map);
			cond_resched();
		}
		/* Cannot fail, nor can an unmap; if one did, the window stays.
		 */
		if (release(file, w)) {
			rb_erase(&w->node, &file->windows);
			free_window(w);
		}
	}
}
