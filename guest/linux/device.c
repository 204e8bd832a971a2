// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * /dev/holdfast: from a program's ioctl to what it does. A program's structure
 * is copied once, checked, and then used.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "call.h"
#include "device.h"
#include "object.h"

static int info(struct holdfast_linux_info *answer)
{
	struct hf_info info;
	int error = holdfast_info(&info);

	if (error)
		return error;
	*answer = (struct holdfast_linux_info){
		.arena_free = info.arena_free,
		.arena_largest = info.arena_largest,
		.version = HOLDFAST_LINUX_VERSION,
		.abi_version = info.abi_version,
		.features = info.features,
		.objects = info.objects,
	};
	return 0;
}

static int open_object(struct holdfast_linux_open *call)
{
	struct holdfast_object object;
	int error;

	if (strnlen(call->name, sizeof(call->name)) == sizeof(call->name))
		return -ENOENT; /* longer than any name */
	error = holdfast_open(call->name, &object);
	if (error)
		return error;
	call->bytes = object.bytes;
	call->object = object.id;
	call->rights = object.writable ? HOLDFAST_LINUX_WRITABLE : 0;
	return 0;
}

static int map(struct file *file, const struct holdfast_linux_map *call)
{
	struct hf_file *own = file->private_data;
	int error;

	if (call->flags & ~HOLDFAST_LINUX_READ_ONLY)
		return -EINVAL;
	if (!(call->flags & HOLDFAST_LINUX_READ_ONLY) &&
	    !(file->f_mode & FMODE_WRITE))
		return -EACCES;
	mutex_lock(&own->lock);
	error = hf_user_map(own, call);
	mutex_unlock(&own->lock);
	return error;
}

union call {
	struct holdfast_linux_info info;
	struct holdfast_linux_open open;
	struct holdfast_linux_reserve reserve;
	struct holdfast_linux_map map;
	struct holdfast_linux_unmap unmap;
	struct holdfast_linux_release release;
	struct holdfast_linux_flush flush;
};

/* Those under the file's lock. */
static int perform_locked(struct file *file, unsigned int command,
			  union call *call)
{
	struct hf_file *own = file->private_data;
	int error;

	mutex_lock(&own->lock);
	switch (command) {
	case HOLDFAST_RESERVE:
		error = hf_user_reserve(own, &call->reserve);
		break;
	case HOLDFAST_UNMAP:
		error = hf_user_unmap(own, &call->unmap);
		break;
	default:
		error = hf_user_release(own, &call->release);
	}
	mutex_unlock(&own->lock);
	return error;
}

static int perform(struct file *file, unsigned int command, union call *call)
{
	switch (command) {
	case HOLDFAST_INFO:
		return info(&call->info);
	case HOLDFAST_OPEN:
		return open_object(&call->open);
	case HOLDFAST_MAP:
		return map(file, &call->map);
	case HOLDFAST_FLUSH:
		return call->flush.zero ? -EINVAL
					: hf_object_flush(call->flush.object);
	default:
		return perform_locked(file, command, call);
	}
}

static bool known(unsigned int command)
{
	switch (command) {
	case HOLDFAST_INFO:
	case HOLDFAST_OPEN:
	case HOLDFAST_RESERVE:
	case HOLDFAST_MAP:
	case HOLDFAST_UNMAP:
	case HOLDFAST_RELEASE:
	case HOLDFAST_FLUSH:
		return true;
	default:
		return false;
	}
}

/* The program cannot be told of what the call has made. */
static void take_back(struct file *file, unsigned int command,
		      const union call *call)
{
	union call back = {.release.window = call->reserve.window};

	if (command == HOLDFAST_RESERVE)
		perform_locked(file, HOLDFAST_RELEASE, &back);
}

/* The structure's size and direction are part of a known command. */
static long device_ioctl(struct file *file, unsigned int command,
			 unsigned long argument)
{
	void __user *user = (void __user *)argument;
	union call call = {};
	int error;

	if (!known(command))
		return -ENOTTY;
	if ((_IOC_DIR(command) & _IOC_WRITE) &&
	    copy_from_user(&call, user, _IOC_SIZE(command)))
		return -EFAULT;
	error = perform(file, command, &call);
	if (error)
		return error;
	if ((_IOC_DIR(command) & _IOC_READ) &&
	    copy_to_user(user, &call, _IOC_SIZE(command))) {
		take_back(file, command, &call);
		return -EFAULT;
	}
	return 0;
}

static DEFINE_MUTEX(files_lock);
static LIST_HEAD(files);

void hf_device_changed(void)
{
	struct hf_file *own;

	mutex_lock(&files_lock);
	list_for_each_entry(own, &files, node) {
		mutex_lock(&own->lock);
		hf_user_doubt(own);
		mutex_unlock(&own->lock);
	}
	mutex_unlock(&files_lock);
}

static int device_open(struct inode *inode, struct file *file)
{
	struct hf_file *own = kzalloc(sizeof(*own), GFP_KERNEL);

	if (!own)
		return -ENOMEM;
	mutex_init(&own->lock);
	own->windows = RB_ROOT;
	own->mapping = file->f_mapping;
	file->private_data = own;
	mutex_lock(&files_lock);
	list_add_tail(&own->node, &files);
	mutex_unlock(&files_lock);
	return nonseekable_open(inode, file);
}

/* No descriptor, no mapping and no call is left. */
static int device_release(struct inode *inode, struct file *file)
{
	struct hf_file *own = file->private_data;

	mutex_lock(&files_lock);
	list_del(&own->node);
	mutex_unlock(&files_lock);
	hf_user_close(own);
	kfree(own);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = hf_device_mmap,
};

/*
 * For root alone, unless the administrator says otherwise: who may open it
 * reaches every object that the operator has attached to this VM.
 */
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "holdfast",
	.fops = &operations,
	.mode = 0600,
};

int __init hf_device_init(void)
{
	int error;

	BUILD_BUG_ON(sizeof(struct holdfast_linux_info) != 32);
	BUILD_BUG_ON(sizeof(struct holdfast_linux_open) != 80);
	BUILD_BUG_ON(sizeof(struct holdfast_linux_reserve) != 40);
	BUILD_BUG_ON(sizeof(struct holdfast_linux_map) != 40);
	BUILD_BUG_ON(sizeof(struct holdfast_linux_unmap) != 24);

	error = misc_register(&device);
	if (error)
		pr_err("/dev/holdfast cannot be registered: error %d\n", error);
	return error;
}

void hf_device_exit(void)
{
	misc_deregister(&device);
}
