/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A kernel driver's view of holdfast, tested from inside. */
#ifndef HOLDFAST_SELFTEST_H
#define HOLDFAST_SELFTEST_H

#include <linux/mm.h>
#include <linux/printk.h>

#include "holdfast.h"

#define TAG 0x74736554 /* "Test" */

/* Says what is wrong, and lets the function answer false. */
#define expect(condition)                                                 \
	do {                                                              \
		if (!(condition)) {                                       \
			pr_err("selftest: %s:%d: not so: %s\n", __func__, \
			       __LINE__, #condition);                     \
			return false;                                     \
		}                                                         \
	} while (0)

#define expect_result(call, wanted)                                           \
	do {                                                                  \
		int result_ = (call);                                         \
		if (result_ != (wanted)) {                                    \
			pr_err("selftest: %s:%d: %s is %d, wanted %d\n",      \
			       __func__, __LINE__, #call, result_, (wanted)); \
			return false;                                         \
		}                                                             \
	} while (0)

/* Each true if all was as it should be. */
bool test_page_lists(void);
bool test_bvecs(void);
bool test_merging(void);
bool test_vmalloc_pages(void);
bool test_atomic(void);
bool test_all_cpus(void);
bool test_refusals(void);
bool test_objects(void);
bool test_faults(void);

/* Pages that follow one another nowhere, each filled with its number. */
struct page **pages_scattered(unsigned int count);
void pages_free(struct page **pages, unsigned int count);
bool shows_numbers(const struct holdfast_window *w, u64 page_offset,
		   unsigned int first, unsigned int count);

/* What stays mapped while the module is loaded (hold.c). */
int hold_init(const char *object);
void hold_exit(void);

#endif
