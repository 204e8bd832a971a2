// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What is in the list is what the window shows. */
#include <linux/bvec.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "selftest.h"

/*
 * Every second page of larger blocks, so that none follows another; the others
 * are freed.
 */
struct page **pages_scattered(unsigned int count)
{
	struct page **pages = kvcalloc(count, sizeof(*pages), GFP_KERNEL);
	unsigned int i;

	for (i = 0; pages && i < count; i++) {
		struct page *pair = alloc_pages(GFP_KERNEL, 1);

		if (!pair) {
			pages_free(pages, i);
			return NULL;
		}
		split_page(pair, 1);
		__free_page(pair + 1);
		pages[i] = pair;
		memset64(page_address(pair), i, PAGE_SIZE / sizeof(u64));
	}
	return pages;
}

void pages_free(struct page **pages, unsigned int count)
{
	while (count)
		__free_page(pages[--count]);
	kvfree(pages);
}

bool shows_numbers(const struct holdfast_window *w, u64 page_offset,
		   unsigned int first, unsigned int count)
{
	const u64 *at = holdfast_window_address(w) + page_offset * PAGE_SIZE;
	unsigned int i;

	for (i = first; i < first + count; i++, at += PAGE_SIZE / sizeof(*at))
		expect(at[0] == i && at[PAGE_SIZE / sizeof(*at) - 1] == i);
	return true;
}

/* A list of so many pages, each an extent, at an offset; then remapped. */
static bool map_and_show(struct holdfast_window *w, struct page **pages,
			 unsigned int count)
{
	u64 *at = holdfast_window_address(w) + 3 * PAGE_SIZE;
	struct hf_stat stat;

	expect_result(holdfast_map_pages(w, 3, pages, count, 0), 0);
	expect_result(holdfast_stat(w, &stat), 0);
	expect(stat.mapped_pages == count && stat.mappings == 1);
	expect(shows_numbers(w, 3, 0, count));
	/* One memory, seen at two places. */
	at[1] = 0x1234;
	expect(((u64 *)page_address(pages[0]))[1] == 0x1234);
	expect_result(holdfast_remap_pages(w, 3, count, 2, pages + 1, count - 1,
					   HF_MAP_READ_ONLY),
		      0);
	expect(shows_numbers(w, 2, 1, count - 1));
	expect_result(holdfast_unmap(w, 2, count - 1), 0);
	return true;
}

/* In the argument page (251 extents at most), and in the window's own list. */
bool test_page_lists(void)
{
	static const unsigned int counts[] = {2, 251, 252, 700};
	struct holdfast_window *w =
		holdfast_reserve(703 * PAGE_SIZE, TAG, 0, 0);
	struct page **pages = pages_scattered(700);
	bool good = !IS_ERR(w) && pages;
	unsigned int i;

	for (i = 0; good && i < ARRAY_SIZE(counts); i++)
		good = map_and_show(w, pages, counts[i]);
	if (pages)
		pages_free(pages, 700);
	holdfast_release(w);
	return good;
}

static bool bvecs_show(struct holdfast_window *w, struct page *block)
{
	struct bio_vec vecs[] = {
		{.bv_page = block + 4, .bv_len = 3 * PAGE_SIZE},
		{.bv_page = block,
		 .bv_offset = PAGE_SIZE,
		 .bv_len = 2 * PAGE_SIZE},
	};
	struct bio_vec bad[] = {
		{.bv_page = block, .bv_len = PAGE_SIZE},
		{.bv_page = block, .bv_len = PAGE_SIZE, .bv_offset = 512},
		{.bv_page = block, .bv_len = 512},
		{.bv_page = block, .bv_len = 0},
	};
	unsigned int i;

	for (i = 0; i < 8; i++)
		memset64(page_address(block + i), i, PAGE_SIZE / sizeof(u64));
	expect_result(holdfast_map_bvecs(w, 0, vecs, 2, 0), 0);
	expect(shows_numbers(w, 0, 4, 3));
	expect(shows_numbers(w, 3, 1, 2));
	expect_result(holdfast_remap_bvecs(w, 0, 5, 1, vecs, 1, 0), 0);
	expect(shows_numbers(w, 1, 4, 3));
	expect_result(holdfast_unmap(w, 1, 3), 0);
	for (i = 1; i < ARRAY_SIZE(bad); i++)
		expect_result(holdfast_map_bvecs(w, 0, &bad[i], 1, 0), -EINVAL);
	expect_result(holdfast_map_bvecs(w, 0, bad, 2, 0), -EINVAL);
	expect_result(holdfast_unmap(w, 0, 1), -ENOENT);
	return true;
}

bool test_bvecs(void)
{
	struct holdfast_window *w = holdfast_reserve(8 * PAGE_SIZE, TAG, 0, 2);
	struct page *block = alloc_pages(GFP_KERNEL, 3);
	bool good = !IS_ERR(w) && block && bvecs_show(w, block);

	if (block)
		__free_pages(block, 3);
	holdfast_release(w);
	return good;
}

/*
 * Pages that follow one another are one extent, whatever they are given as.
 * With room for one extent, a longer list fits if its pages do, and else does
 * not.
 */
static bool merges(struct holdfast_window *w, struct page *block)
{
	struct hf_extent halves[] = {
		{.first = page_to_pfn(block), .pages = 256},
		{.first = page_to_pfn(block) + 256, .pages = 256},
	};
	struct hf_extent swapped[] = {halves[1], halves[0]};
	struct hf_extent hollow[] = {halves[0], {.first = halves[1].first}};
	struct page **pages = kvcalloc(512, sizeof(*pages), GFP_KERNEL);
	unsigned int i;
	int result;

	expect(pages);
	for (i = 0; i < 512; i++)
		pages[i] = block + i;
	result = holdfast_map_pages(w, 0, pages, 512, 0);
	swap(pages[100], pages[101]);
	expect_result(result, 0);
	expect_result(holdfast_unmap(w, 0, 512), 0);
	result = holdfast_map_pages(w, 0, pages, 512, 0);
	kvfree(pages);
	expect_result(result, -ENOSPC);
	expect_result(holdfast_map_extents(w, 0, halves, 2, 0), 0);
	expect_result(holdfast_unmap(w, 0, 512), 0);
	expect_result(holdfast_map_extents(w, 0, swapped, 2, 0), -ENOSPC);
	expect_result(holdfast_map_extents(w, 0, hollow, 2, 0), -EINVAL);
	return true;
}

bool test_merging(void)
{
	struct holdfast_window *w =
		holdfast_reserve(512 * PAGE_SIZE, TAG, 0, 1);
	struct page *block = alloc_pages(GFP_KERNEL, 9);
	bool good = !IS_ERR(w) && block && merges(w, block);

	if (block)
		__free_pages(block, 9);
	holdfast_release(w);
	return good;
}

bool test_vmalloc_pages(void)
{
	struct holdfast_window *w = holdfast_reserve(8 * PAGE_SIZE, TAG, 0, 0);
	char *memory = vmalloc(8 * PAGE_SIZE);
	struct page *pages[8];
	unsigned int i;

	expect(!IS_ERR(w) && memory);
	for (i = 0; i < 8; i++) {
		pages[i] = vmalloc_to_page(memory + i * PAGE_SIZE);
		memset64((u64 *)(memory + i * PAGE_SIZE), i,
			 PAGE_SIZE / sizeof(u64));
	}
	expect_result(holdfast_map_pages(w, 0, pages, 8, 0), 0);
	expect(shows_numbers(w, 0, 0, 8));
	expect_result(holdfast_unmap(w, 0, 8), 0);
	vfree(memory);
	holdfast_release(w);
	return true;
}
