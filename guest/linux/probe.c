// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * holdfast: windows of the Holdfast VMM for other drivers (holdfast.h) and for
 * programs (/dev/holdfast, holdfast/linux.h). Loads only where CPUID tells of
 * Holdfast, else -ENODEV.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "arena.h"
#include "call.h"
#include "debugfs.h"
#include "device.h"
#include "events.h"
#include "holdfast.h"
#include "instance.h"
#include "sleep.h"
#include "transport.h"

static bool pio;
module_param(pio, bool, 0444);
MODULE_PARM_DESC(pio, "Call by OUT even where VMCALL or VMMCALL is there");

static int __init take_calls(u32 base)
{
	u32 version = cpuid_eax(base + HF_CPUID_LEAF_CALLS);
	u32 features = cpuid_ebx(base + HF_CPUID_LEAF_CALLS);
	u32 port = cpuid_ecx(base + HF_CPUID_LEAF_CALLS);
	int error;

	if (version != HF_ABI_VERSION) {
		pr_err("the VMM speaks version %u of the ABI, this module version %u; take the module that came with the VMM\n",
		       version, HF_ABI_VERSION);
		return -ENODEV;
	}
	error = hf_transport_choose(features, port, pio);
	if (error)
		pr_err("the VMM announces no way to call it that this module can take (features 0x%x)\n",
		       features);
	return error ? error : hf_call_init();
}

static int __init take_arena(u32 base)
{
	u32 eax, ebx, ecx, edx;

	cpuid(base + HF_CPUID_LEAF_ARENA, &eax, &ebx, &ecx, &edx);
	return hf_arena_init((u64)ebx << 32 | eax, (u64)edx << 32 | ecx);
}

static int __init take_events(u32 base)
{
	bool told = cpuid_eax(base) >= base + HF_CPUID_LEAF_EVENTS;

	return hf_events_init(told ? cpuid_eax(base + HF_CPUID_LEAF_EVENTS)
				   : 0);
}

/*
 * No driver and no program can have one yet. After a kexec the arena may be
 * full of them, and nobody else says why.
 */
static void __init tell_of_left_windows(void)
{
	struct hf_info info;

	if (holdfast_info(&info) || info.windows_free == info.windows_max)
		return;
	pr_warn("%u windows with %llu of the arena's %llu pages are there already, of a kernel before a kexec: reserving fails with ENOMEM where they leave too little; reset the machine to be rid of them\n",
		info.windows_max - info.windows_free,
		info.arena_pages - info.arena_free, info.arena_pages);
}

static int __init holdfast_init(void)
{
	u32 base;
	int error;

	if (!holdfast_present()) {
		pr_info("this machine does not run on Holdfast\n");
		return -ENODEV;
	}
	base = cpuid_base_hypervisor(HF_CPUID_SIGNATURE, HF_CPUID_LEAF_ARENA);
	error = take_calls(base);
	if (error)
		return error;
	error = take_arena(base);
	if (error)
		goto no_arena;
	tell_of_left_windows();
	error = take_events(base);
	if (error)
		goto no_events;
	error = hf_device_init();
	if (error)
		goto no_device;
	hf_instance_init(base);
	error = hf_sleep_init();
	if (error)
		goto no_sleep;
	hf_debugfs_init();
	return 0;

no_sleep:
	hf_device_exit();
no_device:
	hf_events_exit();
no_events:
	hf_arena_exit();
no_arena:
	hf_call_exit();
	return error;
}

/* No window is left: each holds the module. */
static void __exit holdfast_exit(void)
{
	hf_debugfs_exit();
	hf_sleep_exit();
	hf_device_exit();
	hf_events_exit();
	hf_arena_exit();
	hf_call_exit();
}

module_init(holdfast_init);
module_exit(holdfast_exit);

MODULE_DESCRIPTION("Reserved mapping windows of the Holdfast VMM");
MODULE_AUTHOR("Holdfast");
MODULE_LICENSE("Dual MIT/GPL");
