/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The instruction that carries a call to the VMM, as CPUID announces it. */
#ifndef HOLDFAST_LINUX_TRANSPORT_H
#define HOLDFAST_LINUX_TRANSPORT_H

#include <linux/types.h>

/*
 * Takes the best transport of these HF_FEATURE_...; -ENODEV if there is none.
 * pio: no other than OUT.
 */
int hf_transport_choose(u32 features, u16 port, bool pio);

/* One call. The VMM's answer, unexamined. Any context. */
u64 hf_transport_call(u32 call, phys_addr_t arguments);

#endif
