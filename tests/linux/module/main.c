// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Runs the tests when it is loaded, says "selftest: NAME passed" or what is
 * wrong, and stays only if all passed. hold=NAME: instead, keeps an object of
 * this name mapped for as long as it is loaded.
 */
#include <linux/module.h>

#include "selftest.h"

static char *hold;
module_param(hold, charp, 0444);
MODULE_PARM_DESC(hold, "Object to keep mapped");

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{"page_lists", test_page_lists}, {"bvecs", test_bvecs},
	{"merging", test_merging},	 {"vmalloc_pages", test_vmalloc_pages},
	{"atomic", test_atomic},	 {"all_cpus", test_all_cpus},
	{"refusals", test_refusals},	 {"objects", test_objects},
	{"faults", test_faults},
};

static int __init selftest_init(void)
{
	bool passed = true;
	unsigned int i;

	if (hold)
		return hold_init(hold);
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		bool good = tests[i].run();

		pr_info("selftest: %s %s\n", tests[i].name,
			good ? "passed" : "FAILED");
		passed &= good;
	}
	return passed ? 0 : -EINVAL;
}

static void __exit selftest_exit(void)
{
	if (hold)
		hold_exit();
}

module_init(selftest_init);
module_exit(selftest_exit);

MODULE_DESCRIPTION("Tests of the module holdfast");
MODULE_LICENSE("Dual MIT/GPL");
