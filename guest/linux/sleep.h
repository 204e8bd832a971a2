/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The machine asleep. Hibernation is refused: windows, handles and object ids
 * are the VMM's, and an image of this kernel is resumed on another start of it.
 * Where this kernel wakes up on a VMM that does not know its windows all the
 * same, they are lost: what is mapped there now is somebody else's.
 */
#ifndef HOLDFAST_LINUX_SLEEP_H
#define HOLDFAST_LINUX_SLEEP_H

#include <linux/compiler.h>
#include <linux/types.h>

/* base: of the VMM's CPUID leaves. An errno. May sleep. */
int hf_sleep_init(u32 base);
void hf_sleep_exit(void);

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

#endif
