/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What differs between the block layers of Linux 6.1 and of 6.11 and later.
 */
#ifndef HFBLK_BLOCK_API_H
#define HFBLK_BLOCK_API_H

#include <linux/blkdev.h>
#include <linux/limits.h>

/* Any number of bytes in one bio: a host does these in one call. */
#define HFBLK_DISCARD_SECTORS (UINT_MAX >> SECTOR_SHIFT)

struct hfblk_traits {
	bool writable;
	bool flushes; /* what is written has to be flushed to be safe */
};

#ifdef BLK_FEAT_SYNCHRONOUS

/* What block_device_operations.open is given. */
#define HFBLK_OPENED struct gendisk *
#define HFBLK_MODE blk_mode_t

static inline struct gendisk *hfblk_disk_opened(HFBLK_OPENED disk)
{
	return disk;
}

/* What .release is given. */
#define HFBLK_RELEASED struct gendisk *disk

static inline struct inode *hfblk_inode(const struct block_device *bdev)
{
	return bdev->bd_mapping->host;
}

/*
 * SYNCHRONOUS: a bio is complete when submit_bio() returns. Swap then takes its
 * bios from the stack.
 */
static inline struct gendisk *
hfblk_alloc_disk(const struct hfblk_traits *traits)
{
	struct queue_limits limits = {
		.features = BLK_FEAT_SYNCHRONOUS | BLK_FEAT_NOWAIT |
			    BLK_FEAT_IO_STAT,
		.logical_block_size = SECTOR_SIZE,
		.physical_block_size = PAGE_SIZE,
		.io_min = PAGE_SIZE,
		.max_hw_sectors = UINT_MAX,
	};

	if (traits->flushes)
		limits.features |= BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;
	if (traits->writable) {
		limits.discard_granularity = PAGE_SIZE;
		limits.max_hw_discard_sectors = HFBLK_DISCARD_SECTORS;
		limits.max_write_zeroes_sectors = HFBLK_DISCARD_SECTORS;
	}
	return blk_alloc_disk(&limits, NUMA_NO_NODE);
}

static inline void hfblk_no_discard(struct gendisk *disk)
{
	blk_queue_disable_discard(disk->queue);
}

#elif !defined(QUEUE_FLAG_SYNCHRONOUS) /* which came with Linux 6.3 */

#define HFBLK_OPENED struct block_device *
#define HFBLK_MODE fmode_t

static inline struct gendisk *hfblk_disk_opened(HFBLK_OPENED bdev)
{
	return bdev->bd_disk;
}

#define HFBLK_RELEASED struct gendisk *disk, fmode_t mode

static inline struct inode *hfblk_inode(const struct block_device *bdev)
{
	return bdev->bd_inode;
}

/* What tells swap here that it needs no bio at all. */
#define HFBLK_RW_PAGE

static inline struct gendisk *
hfblk_alloc_disk(const struct hfblk_traits *traits)
{
	struct gendisk *disk = blk_alloc_disk(NUMA_NO_NODE);
	struct request_queue *q;

	if (!disk)
		return ERR_PTR(-ENOMEM);
	q = disk->queue;
	blk_queue_logical_block_size(q, SECTOR_SIZE);
	blk_queue_physical_block_size(q, PAGE_SIZE);
	blk_queue_io_min(q, PAGE_SIZE);
	blk_queue_max_hw_sectors(q, UINT_MAX);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	blk_queue_flag_set(QUEUE_FLAG_NOWAIT, q);
	blk_queue_flag_set(QUEUE_FLAG_IO_STAT, q);
	blk_queue_write_cache(q, traits->flushes, traits->flushes);
	if (traits->writable) {
		q->limits.discard_granularity = PAGE_SIZE;
		blk_queue_max_discard_sectors(q, HFBLK_DISCARD_SECTORS);
		blk_queue_max_write_zeroes_sectors(q, HFBLK_DISCARD_SECTORS);
	}
	return disk;
}

static inline void hfblk_no_discard(struct gendisk *disk)
{
	blk_queue_max_discard_sectors(disk->queue, 0);
}

#else
#error "hfblk knows the block layers of Linux 6.1 and 6.2, and of 6.11 and later"
#endif

#endif
