// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Hibernation refused, suspending, and which VMM this kernel wakes up on. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/suspend.h>
#include <linux/syscore_ops.h>

#include "device.h"
#include "instance.h"
#include "sleep.h"
#include "window.h"

/*
 * The last CPU, with interrupts off, in the kernel that has been suspended as
 * in the one that has been resumed from an image: before any driver's turn.
 */
static void look_again(void)
{
	u64 was, found;

	/* A reset takes the windows and leaves the instance. */
	if (hf_instance_is_same(&was, &found) && hf_windows_exist())
		return;
	hf_windows_are_lost();
	pr_err("this kernel has woken up on a VMM that does not know its windows (instance 0x%llx, was 0x%llx): there are I/O errors until hfblk and holdfast are loaded anew\n",
	       found, was);
}

#ifdef HOLDFAST_HAVE_REGISTER_SYSCORE
static void look_again_core(void *unused)
{
	look_again();
}

static const struct syscore_ops core_operations = {.resume = look_again_core};
static struct syscore core = {.ops = &core_operations};
#else
static struct syscore_ops core = {.resume = look_again};
#define register_syscore register_syscore_ops
#define unregister_syscore unregister_syscore_ops
#endif

/* Before an image is made, so that no program in it has a page of a window. */
static int freeze(struct device *unused)
{
	hf_device_changed();
	return 0;
}

static const struct dev_pm_ops sleep_operations = {.freeze = freeze};

static struct platform_driver driver = {
	.driver = {.name = "holdfast", .pm = &sleep_operations},
};

static struct platform_device *device;

static int on_sleep(struct notifier_block *nb, unsigned long action,
		    void *unused)
{
	switch (action) {
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		pr_err("hibernation is refused: the VMM that resumes this machine would not know its windows and objects; turn the machine off instead, or unload hfblk and holdfast first\n");
		return notifier_from_errno(-EOPNOTSUPP);
	case PM_SUSPEND_PREPARE:
		pr_notice(
			"suspending; the power button wakes this machine, as does its clock's alarm, and a key at the console after `echo enabled >/sys/class/tty/ttyS0/power/wakeup`\n");
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block notifier = {.notifier_call = on_sleep};

int __init hf_sleep_init(void)
{
	int error;

	device = platform_create_bundle(&driver, NULL, NULL, 0, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	error = register_pm_notifier(&notifier);
	if (error) {
		platform_device_unregister(device);
		platform_driver_unregister(&driver);
		return error;
	}
	register_syscore(&core);
	return 0;
}

void hf_sleep_exit(void)
{
	unregister_syscore(&core);
	unregister_pm_notifier(&notifier);
	platform_device_unregister(device);
	platform_driver_unregister(&driver);
}
