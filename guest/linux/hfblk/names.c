// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The names of the objects that are to be devices, and which of them are.
 * A name keeps its number for as long as the module is loaded.
 *
 * The parameter "objects" takes names, separated by commas; written again later
 * it adds further names, and "-name" gives up one whose device nobody has open.
 * A name need not be attached yet: its device comes when the host attaches it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "hfblk.h"

#define NAMES_MAX 64

struct hfblk_name {
	char name[HF_OBJECT_NAME_MAX]; /* empty: free */
	struct hfblk_device *device;   /* NULL: not attached */
	u32 failed_id; /* of the object of which no device could be made */
};

static DEFINE_MUTEX(lock);
static struct hfblk_name names[NAMES_MAX];
static bool started;

static void look(struct work_struct *work);
static DECLARE_WORK(look_work, look);

/* Has the names compared with the host's, some time. Any context. */
static void look_later(void)
{
	schedule_work(&look_work);
}

static void compare_with_host(struct hfblk_name *n, unsigned int index)
{
	struct holdfast_object object;
	struct hfblk_device *device;
	const bool there = !holdfast_open(n->name, &object);

	if (n->device && (!there || object.id != n->device->cache.object.id)) {
		if (hfblk_detach(n->device, false))
			return;
		n->device = NULL;
	}
	if (!there || n->device || object.id == n->failed_id)
		return;
	device =
		hfblk_attach(n->name, index, &object, &hfblk_shape, look_later);
	if (IS_ERR(device)) {
		pr_err("object %s: no device hfblk%u: %pe\n", n->name, index,
		       device);
		n->failed_id = object.id;
		return;
	}
	n->device = device;
}

static void compare_all(void)
{
	unsigned int i;

	lockdep_assert_held(&lock);
	for (i = 0; started && i < NAMES_MAX; i++)
		if (names[i].name[0])
			compare_with_host(&names[i], i);
}

static int on_change(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	mutex_lock(&lock);
	compare_all();
	mutex_unlock(&lock);
	return NOTIFY_OK;
}

static void look(struct work_struct *work)
{
	on_change(NULL, 0, NULL);
}

static struct notifier_block notifier = {.notifier_call = on_change};

static struct hfblk_name *find_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < NAMES_MAX; i++)
		if (!strcmp(names[i].name, name))
			return &names[i];
	return NULL;
}

static int add(const char *name)
{
	struct hfblk_name *n;

	if (strlen(name) >= HF_OBJECT_NAME_MAX) {
		pr_err("objects: %s: a name has fewer than %u bytes\n", name,
		       HF_OBJECT_NAME_MAX);
		return -EINVAL;
	}
	n = find_name(name);
	if (n) {
		n->failed_id = 0; /* once more */
		return 0;
	}
	n = find_name("");
	if (!n) {
		pr_err("objects: %s: there are %u names already\n", name,
		       NAMES_MAX);
		return -ENOSPC;
	}
	strscpy(n->name, name, sizeof(n->name));
	return 0;
}

static int give_up(const char *name)
{
	struct hfblk_name *n = *name ? find_name(name) : NULL;
	int error = 0;

	if (!n)
		return -ENOENT;
	if (n->device)
		error = hfblk_detach(n->device, true);
	if (!error)
		*n = (struct hfblk_name){};
	return error;
}

static int objects_set(const char *text, const struct kernel_param *kp)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	char *rest, *name;
	int error = 0;

	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	mutex_lock(&lock);
	while (!error && (name = strsep(&rest, ",")))
		if (*name)
			error = *name == '-' ? give_up(name + 1) : add(name);
	compare_all();
	mutex_unlock(&lock);
	kfree(copy);
	return error;
}

static int objects_get(char *page, const struct kernel_param *kp)
{
	const char *separator = "";
	unsigned int i;
	int length = 0;

	mutex_lock(&lock);
	for (i = 0; i < NAMES_MAX; i++) {
		if (!names[i].name[0])
			continue;
		length += scnprintf(page + length, PAGE_SIZE - length, "%s%s",
				    separator, names[i].name);
		separator = ",";
	}
	mutex_unlock(&lock);
	return length + scnprintf(page + length, PAGE_SIZE - length, "\n");
}

static const struct kernel_param_ops objects_operations = {
	.set = objects_set,
	.get = objects_get,
};
module_param_cb(objects, &objects_operations, NULL, 0644);
MODULE_PARM_DESC(objects,
		 "names of objects, separated by commas; later also -name");

int hfblk_names_start(void)
{
	int error = holdfast_register_notifier(&notifier);

	if (error)
		return error;
	mutex_lock(&lock);
	started = true;
	compare_all();
	mutex_unlock(&lock);
	return 0;
}

/* Nobody has a device open: it would hold the module. */
void hfblk_names_stop(void)
{
	unsigned int i;

	holdfast_unregister_notifier(&notifier);
	mutex_lock(&lock);
	started = false;
	for (i = 0; i < NAMES_MAX; i++) {
		if (names[i].device)
			hfblk_detach(names[i].device, true);
		/* Until the module is gone, its parameter can be written. */
		names[i].device = NULL;
	}
	mutex_unlock(&lock);
	cancel_work_sync(&look_work);
}
