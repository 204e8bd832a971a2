/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From a call's structure to the VMM and back, through the argument page of
 * this CPU. Any context but NMI; nothing here allocates, sleeps or locks.
 */
#ifndef HOLDFAST_LINUX_CALL_H
#define HOLDFAST_LINUX_CALL_H

#include <linux/types.h>

#include "holdfast/abi.h"

/* Sets the pages aside and gives them back. -ENOMEM. May sleep. */
int hf_call_init(void);
void hf_call_exit(void);

/* This CPU's argument page, and its owner's alone: interrupts are off. */
struct hf_call_page {
	void *page;
	phys_addr_t phys;
	unsigned long irq_flags;
};

struct hf_call_page hf_call_pin(void);
void hf_call_unpin(const struct hf_call_page *pinned);

/*
 * The call whose structure lies at the beginning of the page: a status, or
 * HF_STATUS_LOST where all windows are lost (instance.h). UNMAP and RELEASE are
 * HF_OK then.
 */
#define HF_STATUS_LOST (-2)

int hf_call_pinned(const struct hf_call_page *pinned, enum hf_call call);

/*
 * A whole call: the structure is copied to the page and, when the call has
 * succeeded, back. 0 or an errno.
 */
int hf_call(enum hf_call call, void *structure, size_t bytes);

/* The errno of a status, as holdfast.h tells; counts and traces a refusal. */
int hf_call_result(enum hf_call call, int status);

/* How often each call was made and refused since the module was loaded. */
#define HF_CALLS (HF_CALL_DISCARD + 1)

struct hf_call_counts {
	u64 made[HF_CALLS];
	u64 refused[HF_CALLS];
};

void hf_call_counts(struct hf_call_counts *counts);

/* 0 or a negative errno; the table is in holdfast.h. Cannot fail. */
int hf_errno(int status);

#endif
