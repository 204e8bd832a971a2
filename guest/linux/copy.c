// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Copies that survive the loss of a window's page. The VMM answers an access to
 * a page that is not there with #GP at the instruction; the exception table
 * makes it the end of the copy.
 */
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <asm/asm.h>

#include "copy.h"
#include "holdfast.h"
#include "instance.h"

/* Each returns how many words or bytes are left. */
static size_t copy_words(void **to, const void **from, size_t words)
{
	asm volatile("1: rep movsq\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+c"(words), "+D"(*to), "+S"(*from)
		     :
		     : "memory");
	return words;
}

static size_t copy_bytes(void *to, const void *from, size_t bytes)
{
	asm volatile("1: rep movsb\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+c"(bytes), "+D"(to), "+S"(from)
		     :
		     : "memory");
	return bytes;
}

static size_t copy_part(void *to, const void *from, size_t bytes)
{
	size_t tail = bytes % sizeof(u64);
	size_t words = copy_words(&to, &from, bytes / sizeof(u64));

	if (unlikely(words))
		return words * sizeof(u64) + tail;
	return tail ? copy_bytes(to, from, tail) : 0;
}

/*
 * Interrupts are off during an access: otherwise KVM fetches the page of a file
 * asynchronously and lets the access happen again, and where the file has
 * become shorter, or its disk cannot read, it does so for ever, instead of
 * telling the VMM. A page at a time, for interrupts do not like to wait.
 */
static size_t copy(void *to, const void *from, size_t bytes)
{
	unsigned long flags;
	size_t part, left;

	if (hf_is_lost())
		return bytes;
	while (bytes) {
		part = min_t(size_t, bytes, PAGE_SIZE);
		local_irq_save(flags);
		left = copy_part(to, from, part);
		local_irq_restore(flags);
		bytes -= part;
		if (unlikely(left))
			return bytes + left;
		to += part;
		from += part;
	}
	return 0;
}

/* Writes the byte as it is, in one step. */
bool hf_touch_window(void *at)
{
	unsigned long flags;
	int there = 0;

	if (hf_is_lost())
		return false;
	local_irq_save(flags);
	asm volatile("1: lock; orb $0, (%1)\n"
		     "   movl $1, %0\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+r"(there)
		     : "r"(at)
		     : "memory", "cc");
	local_irq_restore(flags);
	return there;
}

size_t holdfast_copy_from_window(void *to, const void *from, size_t bytes)
{
	return copy(to, from, bytes);
}
EXPORT_SYMBOL_GPL(holdfast_copy_from_window);

size_t holdfast_copy_to_window(void *to, const void *from, size_t bytes)
{
	return copy(to, from, bytes);
}
EXPORT_SYMBOL_GPL(holdfast_copy_to_window);
