// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A device's coming and going: window, disk and what belongs to both.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "block_api.h"
#include "hfblk.h"

static int hfblk_open(HFBLK_OPENED opened, HFBLK_MODE mode)
{
	struct hfblk_device *device = hfblk_disk_opened(opened)->private_data;

	return device->leaving ? -ENXIO : 0;
}

/* It may have waited for this. */
static void hfblk_release(HFBLK_RELEASED)
{
	const struct hfblk_device *device = disk->private_data;

	if (READ_ONCE(device->gone))
		device->try_again();
}

/* BLKROSET cannot make writable what the host has attached read-only. */
static int hfblk_set_read_only(struct block_device *bdev, bool ro)
{
	struct hfblk_device *device = bdev->bd_disk->private_data;

	return ro || device->cache.object.writable ? 0 : -EROFS;
}

/* The last user of the disk has closed it. */
static void hfblk_free_disk(struct gendisk *disk)
{
	kfree(disk->private_data);
}

static const struct block_device_operations hfblk_operations = {
	.owner = THIS_MODULE,
	.submit_bio = hfblk_submit_bio,
#ifdef HFBLK_RW_PAGE
	.rw_page = hfblk_rw_page,
#endif
	.open = hfblk_open,
	.release = hfblk_release,
	.set_read_only = hfblk_set_read_only,
	.free_disk = hfblk_free_disk,
};

/* A VMM without FLUSH makes a device that cannot be flushed, and says so. */
static bool can_flush(const char *name, const struct holdfast_object *object)
{
	if (!object->writable || holdfast_flush(object) != -EOPNOTSUPP)
		return object->writable;
	pr_warn("object %s: this VMM has no FLUSH: the host writes when it likes\n",
		name);
	return false;
}

static int make_disk(struct hfblk_device *device, unsigned int index)
{
	const struct holdfast_object *object = &device->cache.object;
	const struct hfblk_traits traits = {
		.writable = object->writable,
		.flushes = can_flush(device->name, object),
	};
	struct gendisk *disk = hfblk_alloc_disk(&traits);

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	snprintf(disk->disk_name, sizeof(disk->disk_name), "hfblk%u", index);
	disk->fops = &hfblk_operations;
	disk->private_data = device;
	device->disk = disk;
	set_capacity(disk, object->bytes >> SECTOR_SHIFT);
	set_disk_ro(disk, !object->writable);
	return 0;
}

struct hfblk_device *hfblk_attach(const char *name, unsigned int index,
				  const struct holdfast_object *object,
				  const struct hfblk_shape *shape,
				  void (*try_again)(void))
{
	struct hfblk_device *device = kzalloc(sizeof(*device), GFP_KERNEL);
	struct hfblk_cache *cache;
	int error;

	if (!device)
		return ERR_PTR(-ENOMEM);
	cache = &device->cache;
	device->try_again = try_again;
	strscpy(device->name, name, sizeof(device->name));
	error = hfblk_cache_make(cache, object, shape->chunk_shift,
				 shape->window);
	if (error)
		goto no_cache;
	error = make_disk(device, index);
	if (error)
		goto no_disk;
	error = device_add_disk(NULL, device->disk, hfblk_groups);
	if (error)
		goto not_added;
	pr_info("%s: object %s, %llu bytes, %s; %u slots of %lu KiB\n",
		device->disk->disk_name, name, object->bytes,
		object->writable ? "writable" : "read-only", cache->slots,
		(1ul << cache->chunk_shift) / SZ_1K);
	return device;

not_added:
	/* Of a disk that was not added, the end is not the device's. */
	put_disk(device->disk);
no_disk:
	hfblk_cache_unmake(cache);
no_cache:
	kfree(device);
	return ERR_PTR(error);
}

static bool close_to_openers(struct hfblk_device *device)
{
	struct gendisk *disk = device->disk;

	mutex_lock(&disk->open_mutex);
	device->leaving = !disk_openers(disk);
	mutex_unlock(&disk->open_mutex);
	return device->leaving;
}

/* Whether the kernel swaps to it or to a partition of it. */
static bool is_swap(struct gendisk *disk)
{
	struct block_device *part;
	unsigned long index;
	bool swap = false;

	rcu_read_lock();
	xa_for_each(&disk->part_tbl, index, part)
		if (IS_SWAPFILE(hfblk_inode(part)))
			swap = true;
	rcu_read_unlock();
	return swap;
}

/*
 * swapoff(2) opens the device by its name, so it stays. There is no object for
 * it any more: its I/O ends with errors.
 */
static int wait_for_swapoff(struct hfblk_device *device)
{
	if (!device->gone)
		pr_err("%s: object %s is detached, and swap is on it: what is swapped out is lost; the device stays until swapoff\n",
		       device->disk->disk_name, device->name);
	WRITE_ONCE(device->gone, true);
	return -EBUSY;
}

int hfblk_detach(struct hfblk_device *device, bool orderly)
{
	struct gendisk *disk = device->disk;

	if (orderly && !close_to_openers(device))
		return -EBUSY;
	if (!orderly && is_swap(disk))
		return wait_for_swapoff(device);
	pr_info("%s: object %s is detached\n", disk->disk_name, device->name);
	if (!orderly)
		blk_mark_disk_dead(disk);
	del_gendisk(disk);
	/* No bio is under way any more, and none will come. */
	hfblk_cache_unmake(&device->cache);
	put_disk(disk);
	return 0;
}
