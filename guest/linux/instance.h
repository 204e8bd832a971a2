/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which start of a VMM this kernel's windows are on, and whether they are lost.
 */
#ifndef HOLDFAST_LINUX_INSTANCE_H
#define HOLDFAST_LINUX_INSTANCE_H

#include <linux/compiler.h>
#include <linux/types.h>

/* base: of the VMM's CPUID leaves. Cannot fail. */
void hf_instance_init(u32 base);

/*
 * Whether the VMM is the one that there was at the beginning, by the number of
 * its start; was and found tell the two. An older VMM tells none: false. Any
 * context; cannot fail.
 */
bool hf_instance_is_same(u64 *was, u64 *found);

/*
 * Whether all windows are lost, for good. Then no call and no copy is made any
 * more. It becomes so on one CPU with interrupts off, before anything else of
 * the kernel runs on. Any context; cannot fail.
 */
extern bool hf_windows_lost;

static inline bool hf_is_lost(void)
{
	return unlikely(READ_ONCE(hf_windows_lost));
}

void hf_windows_are_lost(void);

#endif
