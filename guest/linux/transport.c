// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The three ways to call the VMM. */
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/init.h>

#include "holdfast/abi.h"
#include "transport.h"

static u32 transport __ro_after_init; /* HF_FEATURE_... */
static u16 call_port __ro_after_init;

int __init hf_transport_choose(u32 features, u16 port, bool pio)
{
	call_port = port;
	if (!pio && (features & HF_FEATURE_VMCALL))
		transport = HF_FEATURE_VMCALL;
	else if (!pio && (features & HF_FEATURE_VMMCALL))
		transport = HF_FEATURE_VMMCALL;
	else if (features & HF_FEATURE_PIO)
		transport = HF_FEATURE_PIO;
	else
		return -ENODEV;
	return 0;
}

static u64 call_pio(u32 call, phys_addr_t arguments)
{
	u64 rax = call;

	asm volatile("outl %%eax, %%dx"
		     : "+a"(rax)
		     : "b"(arguments), "d"(call_port)
		     : "memory");
	return rax;
}

static u64 call_vmcall(u32 call, phys_addr_t arguments)
{
	u64 rax = HF_VMCALL_NUMBER;

	asm volatile("vmcall"
		     : "+a"(rax)
		     : "b"(arguments), "c"((u64)call), "d"(HF_VMCALL_MAGIC)
		     : "memory");
	return rax;
}

static u64 call_vmmcall(u32 call, phys_addr_t arguments)
{
	u64 rax = HF_VMCALL_NUMBER;

	asm volatile("vmmcall"
		     : "+a"(rax)
		     : "b"(arguments), "c"((u64)call), "d"(HF_VMCALL_MAGIC)
		     : "memory");
	return rax;
}

u64 hf_transport_call(u32 call, phys_addr_t arguments)
{
	switch (transport) {
	case HF_FEATURE_VMCALL:
		return call_vmcall(call, arguments);
	case HF_FEATURE_VMMCALL:
		return call_vmmcall(call, arguments);
	default:
		return call_pio(call, arguments);
	}
}
