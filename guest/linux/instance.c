// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Which start of a VMM this kernel's windows are on. */
#include <linux/cache.h>
#include <linux/string.h>

#include "holdfast.h"
#include "instance.h"

bool hf_windows_lost __read_mostly;

static u32 leaves;
static u64 instance; /* 0: an older VMM, which tells none */

static bool is_holdfast(u32 base)
{
	u32 last, signature[3];

	cpuid(base, &last, &signature[0], &signature[1], &signature[2]);
	return !memcmp(signature, HF_CPUID_SIGNATURE, sizeof(signature)) &&
	       last >= base + HF_CPUID_LEAF_INSTANCE;
}

static u64 read_instance(u32 base)
{
	u32 eax, ebx, ecx, edx;

	if (!is_holdfast(base))
		return 0;
	cpuid(base + HF_CPUID_LEAF_INSTANCE, &eax, &ebx, &ecx, &edx);
	return (u64)ebx << 32 | eax;
}

void __init hf_instance_init(u32 base)
{
	leaves = base;
	instance = read_instance(base);
}

bool hf_instance_is_same(u64 *was, u64 *found)
{
	*was = instance;
	*found = read_instance(leaves);
	return instance && *found == instance;
}

void hf_windows_are_lost(void)
{
	WRITE_ONCE(hf_windows_lost, true);
}
