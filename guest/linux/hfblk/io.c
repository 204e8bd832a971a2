// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * From a bio to the window and back. A bio is complete when submit_bio()
 * returns. Reads and writes are copies, by the CPU that submits them: no memory
 * is allocated, no lock is slept on, no other thread is needed, so memory
 * reclaim can write pages out here. A flush or discard is one hypercall, in
 * which this CPU waits for the host's disk.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bio.h>
#include <linux/blk_types.h>
#include <linux/bvec.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "block_api.h"
#include "hfblk.h"

/*
 * Preemption is off during a copy, and the slot cannot be remapped. So a copy
 * is short even where the host has to make each page first.
 */
#define COPY_MOST (4 * PAGE_SIZE)

static void complain(struct hfblk_device *device, u64 at, const char *what)
{
	pr_err_ratelimited("%s: object %s: %s at byte %llu\n",
			   device->disk->disk_name, device->name, what, at);
}

/* One copy within one chunk. */
static blk_status_t copy(struct hfblk_device *device, u64 at, void *memory,
			 size_t bytes, bool write)
{
	struct hfblk_cache *cache = &device->cache;
	struct hfblk_slot *slot;
	size_t left;
	void *there;

	preempt_disable();
	slot = hfblk_pin(cache, at >> cache->chunk_shift);
	if (IS_ERR(slot)) {
		preempt_enable();
		complain(device, at, "detached, or cannot be mapped");
		return BLK_STS_IOERR;
	}
	there = hfblk_slot_address(cache, slot) +
		(at & ((1ull << cache->chunk_shift) - 1));
	if (write)
		left = holdfast_copy_to_window(there, memory, bytes);
	else
		left = holdfast_copy_from_window(memory, there, bytes);
	hfblk_unpin(slot);
	preempt_enable();
	if (!left)
		return BLK_STS_OK;
	hfblk_count(cache, faults);
	complain(device, at + bytes - left,
		 write ? "cannot be written" : "cannot be read");
	return BLK_STS_IOERR;
}

static blk_status_t move(struct hfblk_device *device, u64 at, void *memory,
			 size_t bytes, bool write)
{
	const u64 chunk = 1ull << device->cache.chunk_shift;
	blk_status_t status = BLK_STS_OK;
	size_t step;

	while (bytes && status == BLK_STS_OK) {
		step = min3((u64)bytes, chunk - (at & (chunk - 1)),
			    (u64)COPY_MOST);
		status = copy(device, at, memory, step, write);
		at += step;
		memory += step;
		bytes -= step;
		cond_resched();
	}
	return status;
}

static blk_status_t move_bio(struct hfblk_device *device, struct bio *bio)
{
	const bool write = op_is_write(bio_op(bio));
	u64 at = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	blk_status_t status = BLK_STS_OK;
	struct bvec_iter iter;
	struct bio_vec vec;

	/* Several pages at a time: x86-64 has all memory mapped. */
	bio_for_each_bvec(vec, bio, iter) {
		status = move(device, at, bvec_virt(&vec), vec.bv_len, write);
		if (status != BLK_STS_OK)
			break;
		at += vec.bv_len;
	}
	return status;
}

static blk_status_t write_zeros(struct hfblk_device *device, u64 at, u64 bytes)
{
	void *zeros = page_address(ZERO_PAGE(0));
	blk_status_t status = BLK_STS_OK;
	size_t step;

	while (bytes && status == BLK_STS_OK) {
		step = min_t(u64, bytes, PAGE_SIZE);
		status = move(device, at, zeros, step, true);
		at += step;
		bytes -= step;
	}
	return status;
}

/* Whole pages; -EOPNOTSUPP once is for ever. */
static int discard(struct hfblk_device *device, u64 first, u64 pages)
{
	int error;

	hfblk_count(&device->cache, discards);
	error = holdfast_discard(&device->cache.object, first, pages);
	if (error == -EOPNOTSUPP)
		hfblk_no_discard(device->disk);
	else if (error)
		complain(device, first << PAGE_SHIFT, "cannot be discarded");
	return error;
}

/* What is not a whole page of the range is left as it is: discards are hints.
 */
static blk_status_t discard_bio(struct hfblk_device *device, u64 at, u64 bytes)
{
	const u64 first = DIV_ROUND_UP_ULL(at, PAGE_SIZE);
	const u64 end = (at + bytes) >> PAGE_SHIFT;

	if (end <= first)
		return BLK_STS_OK;
	return errno_to_blk_status(discard(device, first, end - first));
}

static blk_status_t zero_bio(struct hfblk_device *device, u64 at, u64 bytes,
			     bool keep_allocated)
{
	const u64 first = DIV_ROUND_UP_ULL(at, PAGE_SIZE) << PAGE_SHIFT;
	const u64 end = (at + bytes) & PAGE_MASK;
	blk_status_t status;
	int error;

	if (keep_allocated || end <= first ||
	    !bdev_max_discard_sectors(device->disk->part0))
		return write_zeros(device, at, bytes);

	error = discard(device, first >> PAGE_SHIFT,
			(end - first) >> PAGE_SHIFT);
	if (error == -EOPNOTSUPP)
		return write_zeros(device, at, bytes);
	if (error)
		return errno_to_blk_status(error);
	status = write_zeros(device, at, first - at);
	if (status != BLK_STS_OK)
		return status;
	return write_zeros(device, end, at + bytes - end);
}

static blk_status_t flush_object(struct hfblk_device *device)
{
	int error;

	hfblk_count(&device->cache, flushes);
	error = holdfast_flush(&device->cache.object);
	if (!error)
		return BLK_STS_OK;
	pr_err_ratelimited("%s: object %s: the host cannot flush it: %d\n",
			   device->disk->disk_name, device->name, error);
	return BLK_STS_IOERR;
}

static blk_status_t perform(struct hfblk_device *device, struct bio *bio)
{
	const u64 at = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;

	if (bio_op(bio) != REQ_OP_READ && !device->cache.object.writable)
		return BLK_STS_IOERR;
	switch (bio_op(bio)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return move_bio(device, bio);
	case REQ_OP_DISCARD:
		return discard_bio(device, at, bio->bi_iter.bi_size);
	case REQ_OP_WRITE_ZEROES:
		return zero_bio(device, at, bio->bi_iter.bi_size,
				bio->bi_opf & REQ_NOUNMAP);
	default:
		return BLK_STS_NOTSUPP;
	}
}

void hfblk_submit_bio(struct bio *bio)
{
	struct hfblk_device *device = bio->bi_bdev->bd_disk->private_data;
	const bool before = bio->bi_opf & REQ_PREFLUSH;
	const bool after = bio->bi_opf & REQ_FUA;
	blk_status_t status = BLK_STS_OK;
	unsigned long start;

	if ((bio->bi_opf & REQ_NOWAIT) && (before || after)) {
		bio_wouldblock_error(bio);
		return;
	}
	start = bio_start_io_acct(bio);
	if (before)
		status = flush_object(device);
	if (status == BLK_STS_OK && bio_sectors(bio))
		status = perform(device, bio);
	if (status == BLK_STS_OK && after)
		status = flush_object(device);
	bio_end_io_acct(bio, start);
	bio->bi_status = status;
	bio_endio(bio);
}

#ifdef HFBLK_RW_PAGE
/*
 * Only of bios does the block layer check this. A file system that is damaged
 * may ask for what lies beyond its partition.
 */
static bool within(struct block_device *bdev, sector_t sector, size_t bytes)
{
	const sector_t first = get_start_sect(bdev),
		       count = bdev_nr_sectors(bdev);
	const sector_t wanted = bytes >> SECTOR_SHIFT;

	return sector >= first && wanted <= count &&
	       sector - first <= count - wanted;
}

int hfblk_rw_page(struct block_device *bdev, sector_t sector, struct page *page,
		  enum req_op op)
{
	struct hfblk_device *device = bdev->bd_disk->private_data;
	const bool write = op_is_write(op);
	blk_status_t status;

	if ((write && !device->cache.object.writable) ||
	    !within(bdev, sector, thp_size(page)))
		return -EIO;
	status = move(device, (u64)sector << SECTOR_SHIFT, page_address(page),
		      thp_size(page), write);
	/* After an error the caller goes on with a bio, which tells of it. */
	if (status == BLK_STS_OK)
		page_endio(page, write, 0);
	return blk_status_to_errno(status);
}
#endif
