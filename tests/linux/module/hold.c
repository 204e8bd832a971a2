// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * An object that stays mapped, so that the host can take it away. Writing to
 * the parameter "touch" reads it and says how many bytes were not copied; each
 * call of the notifier says "selftest: told of a change".
 */
#include <linux/err.h>
#include <linux/moduleparam.h>

#include "selftest.h"

static struct holdfast_window *window;

static bool leak;
module_param(leak, bool, 0444);
MODULE_PARM_DESC(leak, "Release the window with the object still mapped");

static int changed(struct notifier_block *nb, unsigned long action, void *data)
{
	struct holdfast_object object;

	might_sleep();
	pr_info("selftest: told of a change, late is %s\n",
		holdfast_open("late", &object) ? "not there" : "there");
	return NOTIFY_OK;
}

static struct notifier_block notifier = {.notifier_call = changed};

static int touch(const char *value, const struct kernel_param *parameter)
{
	static char buffer[2 * PAGE_SIZE];

	pr_info("selftest: not copied: %zu\n",
		holdfast_copy_from_window(buffer,
					  holdfast_window_address(window),
					  sizeof(buffer)));
	return 0;
}

static const struct kernel_param_ops touch_operations = {.set = touch};
module_param_cb(touch, &touch_operations, NULL, 0200);

int hold_init(const char *name)
{
	struct holdfast_object object;
	int error = holdfast_open(name, &object);

	if (error)
		return error;
	window = holdfast_reserve(2 * PAGE_SIZE, TAG, HF_RESERVE_DIVISIBLE, 1);
	if (IS_ERR(window))
		return PTR_ERR(window);
	error = holdfast_map_object(window, 0, &object, 0, 2, HF_MAP_READ_ONLY);
	if (error)
		holdfast_release(window);
	else
		error = holdfast_register_notifier(&notifier);
	return error;
}

void hold_exit(void)
{
	holdfast_unregister_notifier(&notifier);
	if (!leak)
		holdfast_unmap(window, 0, 2);
	holdfast_release(window);
}
