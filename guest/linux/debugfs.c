// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What can be read of the module's doings. */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "call.h"
#include "debugfs.h"
#include "window.h"

static struct dentry *directory;

static int windows_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "window base pages tag flags mapped_pages mappings ");
	seq_puts(file, "extents max_extents maps unmaps faults\n");
	hf_windows_show(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(windows);

static int calls_show(struct seq_file *file, void *unused)
{
	static const char *const names[HF_CALLS] = {
		[HF_CALL_INFO] = "info",       [HF_CALL_OBJECT_OPEN] = "open",
		[HF_CALL_RESERVE] = "reserve", [HF_CALL_MAP] = "map",
		[HF_CALL_UNMAP] = "unmap",     [HF_CALL_REMAP] = "remap",
		[HF_CALL_RELEASE] = "release", [HF_CALL_STAT] = "stat",
		[HF_CALL_FLUSH] = "flush",     [HF_CALL_DISCARD] = "discard",
	};
	struct hf_call_counts counts;
	unsigned int call;

	hf_call_counts(&counts);
	seq_puts(file, "call made refused\n");
	for (call = HF_CALL_INFO; call < HF_CALLS; call++)
		seq_printf(file, "%s %llu %llu\n", names[call],
			   counts.made[call], counts.refused[call]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(calls);

static int info_show(struct seq_file *file, void *unused)
{
	struct hf_info info;
	int error = holdfast_info(&info);

	if (error)
		return error;
	seq_printf(file, "abi_version %u\nfeatures 0x%x\n", info.abi_version,
		   info.features);
	seq_printf(file, "arena_base 0x%llx\narena_pages %llu\n",
		   info.arena_base.value, info.arena_pages);
	seq_printf(file, "arena_free %llu\narena_largest %llu\n",
		   info.arena_free, info.arena_largest);
	seq_printf(file, "windows_max %u\nwindows_free %u\n", info.windows_max,
		   info.windows_free);
	seq_printf(file, "extents_max %u\nextents_free %u\nlist_max %u\n",
		   info.extents_max, info.extents_free, info.list_max);
	seq_printf(file, "objects %u\nguarantee_mode %u\nguarantee 0x%x\n",
		   info.objects, info.guarantee_mode, info.guarantee);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(info);

void __init hf_debugfs_init(void)
{
	directory = debugfs_create_dir("holdfast", NULL);
	debugfs_create_file("windows", 0400, directory, NULL, &windows_fops);
	debugfs_create_file("calls", 0400, directory, NULL, &calls_fops);
	debugfs_create_file("info", 0400, directory, NULL, &info_fops);
}

void hf_debugfs_exit(void)
{
	debugfs_remove(directory);
}
