/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * /dev/holdfast (holdfast/linux.h).
 *
 * Locks: a file's lock is taken inside mmap_lock (a fault and mmap() hold
 * that), and so no memory of a program is touched under it. Inside it are taken
 * i_mmap_rwsem and the page tables' locks, to zap and to insert, and this
 * module's windows_lock, when a window is reserved or released. The lock of the
 * list of open files is outside of a file's.
 */
#ifndef HOLDFAST_LINUX_DEVICE_H
#define HOLDFAST_LINUX_DEVICE_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "holdfast.h"
#include "holdfast/linux.h"

/* An errno if the device cannot be registered. May sleep. */
int hf_device_init(void);
void hf_device_exit(void);

/*
 * Some page of some object may not be there any more: takes all pages from the
 * programs' page tables. When a program touches one again, it is looked for
 * first, and where it is gone the access is an ordinary fault. Without this,
 * the kernel takes the page for present, and what faults in and tries again, as
 * futex(2) does, never ends. May sleep; cannot fail.
 */
void hf_device_changed(void);

/* One open file: its private_data. */
struct hf_file {
	struct list_head node;	       /* of all open files */
	struct address_space *mapping; /* its inode's */
	struct mutex lock;	       /* of all that follows */
	struct rb_root windows;	       /* by their place in the arena */
	u32 count;		       /* of windows */
};

struct hf_user_map {
	struct rb_node node; /* in hf_user_window.maps, or none: free */
	struct hf_user_map *next_free;
	u64 page_offset;
	u64 pages;
	bool writable;
	bool doubtful; /* the host may have taken pages away since */
};

struct hf_user_window {
	struct rb_node node; /* in hf_file.windows */
	struct holdfast_window *window;
	u64 arena_page; /* its first; the offset for mmap, in pages */
	u64 pages;
	struct rb_root maps; /* by page_offset */
	struct hf_user_map *free;
	struct hf_user_map *room; /* maps_max of them, set aside by reserve */
};

/*
 * What the ioctls do (device_windows.c), with the file's lock held but for
 * hf_user_close(), which is the last to see the file. Each answers 0 or an
 * errno of holdfast/linux.h.
 */
int hf_user_reserve(struct hf_file *file, struct holdfast_linux_reserve *call);
int hf_user_map(struct hf_file *file, const struct holdfast_linux_map *call);
int hf_user_unmap(struct hf_file *file,
		  const struct holdfast_linux_unmap *call);
int hf_user_release(struct hf_file *file,
		    const struct holdfast_linux_release *call);
void hf_user_close(struct hf_file *file);

/* hf_device_changed() for one file, with its lock held. */
void hf_user_doubt(struct hf_file *file);

/* The window with this page of the arena, or NULL. */
struct hf_user_window *hf_user_find(struct hf_file *file, u64 arena_page);

/* The map with this page of the window, or NULL. */
struct hf_user_map *hf_user_find_map(struct hf_user_window *w, u64 page_offset);

/* Whether one of these pages is mapped read-only. */
bool hf_user_has_read_only(struct hf_user_window *w, u64 page_offset,
			   u64 pages);

int hf_device_mmap(struct file *file, struct vm_area_struct *vma);

#endif
