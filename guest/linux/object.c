// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Objects of the host, and what the VMM says of itself. */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "call.h"
#include "holdfast.h"
#include "object.h"

int holdfast_open(const char *name, struct holdfast_object *object)
{
	struct hf_object_open call = {};
	int error;

	if (strscpy(call.name, name, sizeof(call.name)) < 0)
		return -ENOENT; /* longer than any name */
	error = hf_call(HF_CALL_OBJECT_OPEN, &call, sizeof(call));
	if (error)
		return error;
	object->id = call.id;
	object->writable = call.rights & HF_OBJECT_WRITABLE;
	object->bytes = call.bytes;
	return 0;
}
EXPORT_SYMBOL_GPL(holdfast_open);

int hf_object_flush(u32 id)
{
	struct hf_flush call = {.object = id};
	int error;

	might_sleep();
	error = hf_call(HF_CALL_FLUSH, &call, sizeof(call));
	return error == -ENOENT ? -ENXIO : error;
}

int holdfast_flush(const struct holdfast_object *object)
{
	return hf_object_flush(object->id);
}
EXPORT_SYMBOL_GPL(holdfast_flush);

int holdfast_discard(const struct holdfast_object *object, u64 first, u64 pages)
{
	struct hf_discard call = {
		.first = first, .pages = pages, .object = object->id};
	int error;

	might_sleep();
	error = hf_call(HF_CALL_DISCARD, &call, sizeof(call));
	return error == -ENOENT ? -ENXIO : error;
}
EXPORT_SYMBOL_GPL(holdfast_discard);

int holdfast_info(struct hf_info *info)
{
	*info = (struct hf_info){};
	return hf_call(HF_CALL_INFO, info, sizeof(*info));
}
EXPORT_SYMBOL_GPL(holdfast_info);
