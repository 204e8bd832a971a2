/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What holdfast/abi.h takes from <stddef.h>, as the kernel has it. */
#include <linux/stddef.h>
#include <linux/types.h>
