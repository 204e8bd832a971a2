/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What holdfast/abi.h takes from <stdint.h>, as the kernel has it. */
#include <linux/types.h>
