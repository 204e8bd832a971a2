// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * /sys/block/hfblkN/serial, which udev's rules read; and its directory
 * holdfast: what the device is made of, and what has happened.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/percpu.h>
#include <linux/sysfs.h>

#include "hfblk.h"

static struct hfblk_device *device_of(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

static ssize_t object_show(struct device *dev, struct device_attribute *attr,
			   char *page)
{
	return sysfs_emit(page, "%s\n", device_of(dev)->name);
}
static DEVICE_ATTR_RO(object);

/* What tells it from other disks of this machine, as virtio-blk has it. */
static ssize_t serial_show(struct device *dev, struct device_attribute *attr,
			   char *page)
{
	return object_show(dev, attr, page);
}
static DEVICE_ATTR_RO(serial);

static ssize_t chunk_show(struct device *dev, struct device_attribute *attr,
			  char *page)
{
	return sysfs_emit(page, "%llu\n",
			  1ull << device_of(dev)->cache.chunk_shift);
}
static DEVICE_ATTR_RO(chunk);

static ssize_t slots_show(struct device *dev, struct device_attribute *attr,
			  char *page)
{
	return sysfs_emit(page, "%u\n", device_of(dev)->cache.slots);
}
static DEVICE_ATTR_RO(slots);

static ssize_t show_sum(struct device *dev, char *page, size_t offset)
{
	const struct hfblk_cache *cache = &device_of(dev)->cache;
	const void *stats;
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(cache->stats, cpu);
		sum += *(const u64 *)(stats + offset);
	}
	return sysfs_emit(page, "%llu\n", sum);
}

#define COUNTER(what)                                                         \
	static ssize_t what##_show(struct device *dev,                        \
				   struct device_attribute *attr, char *page) \
	{                                                                     \
		return show_sum(dev, page,                                    \
				offsetof(struct hfblk_stats, what));          \
	}                                                                     \
	static DEVICE_ATTR_RO(what)

COUNTER(hits);
COUNTER(misses);
COUNTER(remaps);
COUNTER(refused);
COUNTER(faults);
COUNTER(flushes);
COUNTER(discards);

static struct attribute *attributes[] = {
	&dev_attr_object.attr,
	&dev_attr_chunk.attr,
	&dev_attr_slots.attr,
	&dev_attr_hits.attr,
	&dev_attr_misses.attr,
	&dev_attr_remaps.attr,
	&dev_attr_refused.attr,
	&dev_attr_faults.attr,
	&dev_attr_flushes.attr,
	&dev_attr_discards.attr,
	NULL,
};

static const struct attribute_group group = {
	.name = "holdfast",
	.attrs = attributes,
};

static struct attribute *disk_attributes[] = {&dev_attr_serial.attr, NULL};

static const struct attribute_group disk_group = {.attrs = disk_attributes};

const struct attribute_group *hfblk_groups[] = {&disk_group, &group, NULL};
