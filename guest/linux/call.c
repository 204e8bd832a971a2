// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The argument pages, one for each CPU, and the calls made through them. */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "call.h"
#include "instance.h"
#include "trace.h"
#include "transport.h"

struct argument_page {
	void *page;
	phys_addr_t phys;
};

static DEFINE_PER_CPU(struct argument_page, argument_page);
static DEFINE_PER_CPU(struct hf_call_counts, call_counts);

int __init hf_call_init(void)
{
	struct argument_page *arguments;
	struct page *page;
	int cpu;

	/* Of every CPU that may come: one plugged in later needs no memory. */
	for_each_possible_cpu(cpu) {
		page = alloc_pages_node(cpu_to_node(cpu),
					GFP_KERNEL | __GFP_ZERO, 0);
		if (!page) {
			hf_call_exit();
			return -ENOMEM;
		}
		arguments = per_cpu_ptr(&argument_page, cpu);
		arguments->page = page_address(page);
		arguments->phys = page_to_phys(page);
	}
	return 0;
}

void hf_call_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct argument_page *arguments =
			per_cpu_ptr(&argument_page, cpu);

		free_page((unsigned long)arguments->page);
		arguments->page = NULL;
	}
}

struct hf_call_page hf_call_pin(void)
{
	struct hf_call_page pinned;
	const struct argument_page *arguments;

	local_irq_save(pinned.irq_flags);
	arguments = this_cpu_ptr(&argument_page);
	pinned.page = arguments->page;
	pinned.phys = arguments->phys;
	return pinned;
}

void hf_call_unpin(const struct hf_call_page *pinned)
{
	local_irq_restore(pinned->irq_flags);
}

/* The VMM has nothing of this kernel's: that much is given back already. */
static int call_lost(enum hf_call call)
{
	return call == HF_CALL_UNMAP || call == HF_CALL_RELEASE
		       ? HF_OK
		       : HF_STATUS_LOST;
}

/*
 * With VMCALL and VMMCALL KVM answers some calls itself, with negative numbers;
 * those are no status.
 */
int hf_call_pinned(const struct hf_call_page *pinned, enum hf_call call)
{
	u64 answer;

	if (hf_is_lost())
		return call_lost(call);
	__this_cpu_inc(call_counts.made[call]);
	answer = hf_transport_call(call, pinned->phys);
	return answer <= U16_MAX ? (int)answer : -1;
}

int hf_call_result(enum hf_call call, int status)
{
	if (likely(status == HF_OK))
		return 0;
	this_cpu_inc(call_counts.refused[call]);
	trace_holdfast_refused(call, status);
	return hf_errno(status);
}

int hf_call(enum hf_call call, void *structure, size_t bytes)
{
	struct hf_call_page pinned = hf_call_pin();
	int status;

	memcpy(pinned.page, structure, bytes);
	status = hf_call_pinned(&pinned, call);
	if (status == HF_OK)
		memcpy(structure, pinned.page, bytes);
	hf_call_unpin(&pinned);
	return hf_call_result(call, status);
}

void hf_call_counts(struct hf_call_counts *counts)
{
	unsigned int call;
	int cpu;

	memset(counts, 0, sizeof(*counts));
	for_each_possible_cpu(cpu) {
		const struct hf_call_counts *one =
			per_cpu_ptr(&call_counts, cpu);

		for (call = 0; call < HF_CALLS; call++) {
			counts->made[call] += one->made[call];
			counts->refused[call] += one->refused[call];
		}
	}
}
