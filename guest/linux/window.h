/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A window as this module holds it. */
#ifndef HOLDFAST_LINUX_WINDOW_H
#define HOLDFAST_LINUX_WINDOW_H

#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include "holdfast.h"

struct seq_file;

struct holdfast_window {
	u64 handle;
	void *address;
	phys_addr_t base;
	u64 pages;
	u32 tag;
	u32 flags; /* HF_RESERVE_... */
	u32 max_extents;

	/*
	 * For lists longer than the argument page holds; NULL where there can
	 * be none. A raw spinlock, because a map may be made with interrupts
	 * off.
	 */
	raw_spinlock_t list_lock;
	struct hf_extent *list;
	phys_addr_t list_phys;
	u32 list_max;

	struct list_head node; /* of all windows; under windows_lock */
};

/* holdfast_reserve(), with room for lists of so many extents, not max_extents.
 */
struct holdfast_window *hf_window_reserve(u64 bytes, u32 tag, u32 flags,
					  u32 max_extents, u32 list_max);

/* holdfast_release() that answers the errno and warns of nothing. */
int hf_window_release(struct holdfast_window *w);

/*
 * Whether the VMM knows every window. Never sleeps; false also where somebody
 * is just reserving or releasing one.
 */
bool hf_windows_exist(void);

/* One line about each window. May sleep. */
void hf_windows_show(struct seq_file *file);

#endif
