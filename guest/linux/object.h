/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Objects by their id. */
#ifndef HOLDFAST_LINUX_OBJECT_H
#define HOLDFAST_LINUX_OBJECT_H

#include <linux/types.h>

/* holdfast_flush() of an id that a program gave. */
int hf_object_flush(u32 id);

#endif
