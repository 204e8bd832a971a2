/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * hfblk: a block device over an object of the host. What the driver's parts
 * know of each other.
 */
#ifndef HFBLK_H
#define HFBLK_H

#include <linux/blkdev.h>

#include "cache.h"

/* As the parameters have it. Chunks are a power of two. */
struct hfblk_shape {
	unsigned int chunk_shift;
	u64 window; /* bytes, for each device */
};

struct hfblk_device {
	struct hfblk_cache cache;
	struct gendisk *disk;
	char name[HF_OBJECT_NAME_MAX];
	bool leaving; /* under the disk's open_mutex: not to be opened */
	bool gone; /* its object is; it waits for the end of the swap on it */
	void (*try_again)(void);
};

/* io.c */
void hfblk_submit_bio(struct bio *bio);
#ifdef HFBLK_RW_PAGE
int hfblk_rw_page(struct block_device *bdev, sector_t sector, struct page *page,
		  enum req_op op);
#endif

/*
 * disk.c. Process context. hfblk_attach() makes /dev/hfblkINDEX, or answers an
 * ERR_PTR. After hfblk_detach() there is no disk any more; what was still open
 * gets errors. It answers -EBUSY, and the disk is still there, with @orderly
 * where it is open, and without where it is swap. In the latter case
 * @try_again is called when it may be tried again; in process context.
 */
struct hfblk_device *hfblk_attach(const char *name, unsigned int index,
				  const struct holdfast_object *object,
				  const struct hfblk_shape *shape,
				  void (*try_again)(void));
int hfblk_detach(struct hfblk_device *device, bool orderly);

/* sysfs.c */
extern const struct attribute_group *hfblk_groups[];

/* names.c: the parameter "objects", and the devices of its names. */
int hfblk_names_start(void);
void hfblk_names_stop(void);

/* main.c */
extern struct hfblk_shape hfblk_shape;

#endif
