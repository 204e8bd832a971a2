/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Accesses that survive the loss of a window's page; see also holdfast.h. */
#ifndef HOLDFAST_LINUX_COPY_H
#define HOLDFAST_LINUX_COPY_H

#include <linux/types.h>

/*
 * Whether the byte at this address of a window can be written. It stays as it
 * is, also where others are writing it. Any context.
 */
bool hf_touch_window(void *at);

#endif
