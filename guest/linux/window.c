// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Windows come and go. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "arena.h"
#include "call.h"
#include "list.h"
#include "trace.h"
#include "window.h"

/*
 * Outermost of this module's locks but for those of an open file. Held around
 * no allocation, so that one who frees memory may wait for it.
 */
static DEFINE_MUTEX(windows_lock);
static LIST_HEAD(windows);

static int release_handle(u64 handle, u32 tag)
{
	struct hf_release call = {.window = handle, .tag = tag};

	return hf_call(HF_CALL_RELEASE, &call, sizeof(call));
}

static int add_address(struct holdfast_window *w)
{
	w->address = hf_arena_address(w->base);
	if ((w->flags & HF_RESERVE_DIVISIBLE) &&
	    (uintptr_t)w->address % (w->pages * HF_PAGE_SIZE))
		return -EADDRNOTAVAIL;
	return 0;
}

static int add_list(struct holdfast_window *w, u32 list_max)
{
	if (list_max <= HF_LIST_IN_PAGE)
		return 0;
	w->list_max = min(list_max, HF_LIST_MAX);
	w->list = alloc_pages_exact(w->list_max * sizeof(w->list[0]),
				    GFP_KERNEL | __GFP_NOWARN);
	if (!w->list)
		return -ENOMEM;
	w->list_phys = virt_to_phys(w->list);
	return 0;
}

static void free_window(struct holdfast_window *w)
{
	if (w->list)
		free_pages_exact(w->list, w->list_max * sizeof(w->list[0]));
	kfree(w);
}

static int fill_in(struct holdfast_window *w, const struct hf_reserve *reserved)
{
	raw_spin_lock_init(&w->list_lock);
	w->handle = reserved->window;
	w->base = reserved->base.value;
	w->pages = reserved->pages;
	w->tag = reserved->tag;
	w->flags = reserved->flags;
	w->max_extents = reserved->max_extents;
	return add_address(w);
}

struct holdfast_window *hf_window_reserve(u64 bytes, u32 tag, u32 flags,
					  u32 max_extents, u32 list_max)
{
	struct hf_reserve call = {.bytes = bytes,
				  .tag = tag,
				  .flags = flags,
				  .max_extents = max_extents};
	struct holdfast_window *w;
	int error;

	might_sleep();
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return ERR_PTR(-ENOMEM);
	error = hf_call(HF_CALL_RESERVE, &call, sizeof(call));
	if (error)
		goto no_window;
	error = fill_in(w, &call);
	if (!error)
		error = add_list(w, min(list_max, w->max_extents));
	if (error)
		goto no_room;

	__module_get(THIS_MODULE);
	mutex_lock(&windows_lock);
	list_add_tail(&w->node, &windows);
	mutex_unlock(&windows_lock);
	trace_holdfast_reserve(w->handle, w->base, w->pages, tag, flags,
			       w->max_extents);
	return w;

no_room:
	release_handle(call.window, tag);
no_window:
	free_window(w);
	return ERR_PTR(error);
}

struct holdfast_window *holdfast_reserve(u64 bytes, u32 tag, unsigned int flags,
					 u32 max_extents)
{
	return hf_window_reserve(bytes, tag, flags, max_extents, U32_MAX);
}
EXPORT_SYMBOL_GPL(holdfast_reserve);

int hf_window_release(struct holdfast_window *w)
{
	int error;

	might_sleep();
	/*
	 * Under the lock, so that nobody who walks the list meets a window that
	 * the VMM does not know any more.
	 */
	mutex_lock(&windows_lock);
	error = release_handle(w->handle, w->tag);
	if (!error)
		list_del(&w->node);
	mutex_unlock(&windows_lock);
	if (error)
		return error;
	trace_holdfast_release(w->handle);
	free_window(w);
	module_put(THIS_MODULE);
	return 0;
}

void holdfast_release(struct holdfast_window *w)
{
	int error;

	if (IS_ERR_OR_NULL(w))
		return;
	error = hf_window_release(w);
	WARN(error,
	     "holdfast: window 0x%llx is not released, error %d: its owner has left something mapped\n",
	     w->handle, error);
}
EXPORT_SYMBOL_GPL(holdfast_release);

void *holdfast_window_address(const struct holdfast_window *w)
{
	return w->address;
}
EXPORT_SYMBOL_GPL(holdfast_window_address);

phys_addr_t holdfast_window_phys(const struct holdfast_window *w)
{
	return w->base;
}
EXPORT_SYMBOL_GPL(holdfast_window_phys);

u64 holdfast_window_pages(const struct holdfast_window *w)
{
	return w->pages;
}
EXPORT_SYMBOL_GPL(holdfast_window_pages);

int holdfast_stat(const struct holdfast_window *w, struct hf_stat *stat)
{
	*stat = (struct hf_stat){.window = w->handle};
	return hf_call(HF_CALL_STAT, stat, sizeof(*stat));
}
EXPORT_SYMBOL_GPL(holdfast_stat);

bool hf_windows_exist(void)
{
	const struct holdfast_window *w;
	struct hf_stat stat;
	bool exist = true;

	/* Who was stopped in the middle of it goes on only afterwards. */
	if (!mutex_trylock(&windows_lock))
		return false;
	list_for_each_entry(w, &windows, node)
		exist = exist && !holdfast_stat(w, &stat) &&
			stat.base.value == w->base && stat.pages == w->pages;
	mutex_unlock(&windows_lock);
	return exist;
}

void hf_windows_show(struct seq_file *file)
{
	const struct holdfast_window *w;
	struct hf_stat stat;

	mutex_lock(&windows_lock);
	list_for_each_entry(w, &windows, node) {
		if (holdfast_stat(w, &stat))
			continue;
		seq_printf(
			file,
			"%llx %llx %llu %08x %x %llu %u %u %u %llu %llu %llu\n",
			w->handle, w->base, w->pages, w->tag, w->flags,
			stat.mapped_pages, stat.mappings, stat.extents,
			stat.max_extents, stat.maps, stat.unmaps, stat.faults);
	}
	mutex_unlock(&windows_lock);
}
