// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * hfblk: block devices over objects of a Holdfast host. The module's
 * parameters, its start and its end.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>

#include "hfblk.h"

struct hfblk_shape hfblk_shape = {
	.chunk_shift = 16,
	.window = SZ_64M,
};

static int parse_size(const char *text, u64 *bytes)
{
	char *end;

	*bytes = memparse(text, &end);
	return end == text || *skip_spaces(end) ? -EINVAL : 0;
}

static int chunk_set(const char *text, const struct kernel_param *kp)
{
	u64 bytes;

	if (parse_size(text, &bytes) || !is_power_of_2(bytes) ||
	    bytes < PAGE_SIZE || bytes > SZ_1G) {
		pr_err("chunk: %s: not a power of two from 4K to 1G\n", text);
		return -EINVAL;
	}
	hfblk_shape.chunk_shift = ilog2(bytes);
	return 0;
}

static int chunk_get(char *page, const struct kernel_param *kp)
{
	return sysfs_emit(page, "%llu\n", 1ull << hfblk_shape.chunk_shift);
}

static const struct kernel_param_ops chunk_operations = {
	.set = chunk_set,
	.get = chunk_get,
};
module_param_cb(chunk, &chunk_operations, NULL, 0444);
MODULE_PARM_DESC(chunk, "bytes mapped at a time, a power of two (default 64K)");

static int window_set(const char *text, const struct kernel_param *kp)
{
	u64 bytes;

	if (parse_size(text, &bytes) || bytes < PAGE_SIZE || bytes > SZ_1T) {
		pr_err("window: %s: not a size from 4K to 1T\n", text);
		return -EINVAL;
	}
	hfblk_shape.window = bytes;
	return 0;
}

static int window_get(char *page, const struct kernel_param *kp)
{
	return sysfs_emit(page, "%llu\n", hfblk_shape.window);
}

static const struct kernel_param_ops window_operations = {
	.set = window_set,
	.get = window_get,
};
module_param_cb(window, &window_operations, NULL, 0444);
MODULE_PARM_DESC(window, "bytes of each device that stay mapped (default 64M)");

static int __init hfblk_init(void)
{
	return hfblk_names_start();
}
module_init(hfblk_init);

static void __exit hfblk_exit(void)
{
	hfblk_names_stop();
}
module_exit(hfblk_exit);

MODULE_DESCRIPTION("Block devices over objects of a Holdfast host");
MODULE_LICENSE("Dual MIT/GPL");
