// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What each status of the VMM is called in Linux; holdfast.h has the table. */
#include <linux/errno.h>

#include "call.h"

int hf_errno(int status)
{
	switch (status) {
	case HF_OK:
		return 0;
	case HF_RESERVE_NOTHING:
	case HF_UNMAP_NOT_ONE_MAP:
	case HF_BAD_TAG:
	case HF_BAD_FLAGS:
	case HF_EMPTY_LIST:
		return -EINVAL;
	case HF_TOO_LARGE:
		return -E2BIG;
	case HF_NO_RESOURCES:
		return -ENOMEM;
	case HF_TOO_MANY_EXTENTS:
		return -ENOSPC;
	case HF_WINDOW_TOO_SMALL:
	case HF_UNMAP_BEYOND:
		return -ERANGE;
	case HF_MAP_OVERLAP:
		return -EEXIST;
	case HF_NO_OBJECT:
	case HF_UNMAP_NOT_MAPPED:
		return -ENOENT;
	case HF_BAD_PAGE:
		return -ENXIO;
	case HF_READ_ONLY:
		return -EROFS;
	case HF_RELEASE_MAPPED:
		return -EBUSY;
	case HF_STATUS_LOST:
		return -ENODEV;
	case HF_BAD_CACHE:
	case HF_UNKNOWN_CALL:
	case HF_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	default:
		/* HF_HOST_FAILURE, HF_IO_ERROR; or a mistake of this module. */
		return -EIO;
	}
}
