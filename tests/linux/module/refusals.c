// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Each mistake has its errno, and changes nothing. */
#include <linux/err.h>

#include "selftest.h"

static bool reserve_refuses(void)
{
	struct hf_info before, after;

	expect_result(holdfast_info(&before), 0);
	expect(holdfast_reserve(PAGE_SIZE, 0, 0, 0) == ERR_PTR(-EINVAL));
	expect(holdfast_reserve(0, TAG, 0, 0) == ERR_PTR(-EINVAL));
	expect(holdfast_reserve(PAGE_SIZE, TAG, ~0u, 0) == ERR_PTR(-EINVAL));
	expect(holdfast_reserve(U64_MAX, TAG, 0, 1) == ERR_PTR(-E2BIG));
	expect(holdfast_reserve((before.arena_largest + 1) * PAGE_SIZE, TAG, 0,
				1) == ERR_PTR(-ENOMEM));
	expect_result(holdfast_info(&after), 0);
	expect(before.arena_free == after.arena_free);
	expect(before.windows_free == after.windows_free);
	return true;
}

static bool map_refuses(struct holdfast_window *w, struct page **pages)
{
	struct page *twice[] = {pages[0], pages[0]};
	struct hf_extent nowhere = {.first = 1ULL << 40, .pages = 1};
	struct hf_extent detached = {.pages = 1, .object = 0xffffff};
	struct hf_stat stat;

	expect_result(holdfast_map_pages(w, 0, pages, 0, 0), -EINVAL);
	expect_result(holdfast_map_pages(w, 0, pages, 1, ~0u), -EINVAL);
	expect_result(holdfast_map_pages(w, 8, pages, 1, 0), -ERANGE);
	expect_result(holdfast_map_pages(w, U64_MAX, pages, 1, 0), -ERANGE);
	expect_result(holdfast_map_pages(w, 7, pages, 2, 0), -ERANGE);
	expect_result(holdfast_map_pages(w, 0, pages, 9, 0), -ERANGE);
	expect_result(holdfast_map_pages(w, 0, pages, 5, 0), -ENOSPC);
	expect_result(holdfast_map_extents(w, 0, &nowhere, 1, 0), -ENXIO);
	expect_result(holdfast_map_extents(w, 0, &detached, 1, 0), -ENXIO);
	expect_result(holdfast_map_pages(w, 2, twice, 2, 0), 0);
	expect_result(holdfast_map_pages(w, 3, pages, 1, 0), -EEXIST);
	expect_result(holdfast_unmap(w, 2, 7), -ERANGE);
	expect_result(holdfast_unmap(w, 2, 1), -EINVAL);
	expect_result(holdfast_unmap(w, 1, 2), -ENOENT);
	expect_result(holdfast_remap_pages(w, 2, 1, 2, pages, 1, 0), -EINVAL);
	expect_result(holdfast_remap_extents(w, 2, 2, 2, &nowhere, 1, 0),
		      -ENXIO);
	expect_result(holdfast_stat(w, &stat), 0);
	expect(stat.mapped_pages == 2 && stat.maps == 1 && !stat.unmaps);
	expect(shows_numbers(w, 3, 0, 1));
	expect_result(holdfast_unmap(w, 2, 2), 0);
	return true;
}

bool test_refusals(void)
{
	struct holdfast_window *w = holdfast_reserve(8 * PAGE_SIZE, TAG, 0, 4);
	struct page **pages = pages_scattered(9);
	bool good = !IS_ERR(w) && pages && reserve_refuses() &&
		    map_refuses(w, pages);

	if (pages)
		pages_free(pages, 9);
	holdfast_release(w);
	/* As kfree() does. */
	holdfast_release(NULL);
	holdfast_release(ERR_PTR(-ENOMEM));
	return good;
}
