// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Objects of the host, "disk" (writable) and "rom" (not), and what becomes of
 * accesses that nothing stands behind.
 */
#include <linux/err.h>
#include <linux/string.h>

#include "selftest.h"

static bool flush_and_discard(struct holdfast_window *w,
			      const struct holdfast_object *disk)
{
	const struct holdfast_object none = {.id = 0xffffff};
	const u64 *at = holdfast_window_address(w);
	int result = holdfast_flush(disk);

	/* A VMM that is too old for these says so. */
	if (result == -EOPNOTSUPP)
		return true;
	expect_result(result, 0);
	expect_result(holdfast_flush(&none), -ENXIO);
	expect_result(holdfast_discard(&none, 0, 1), -ENXIO);
	expect(at[0]);
	expect_result(holdfast_discard(disk, 1, 1), 0);
	expect(!at[0]);
	return true;
}

static bool object_shows(struct holdfast_window *w)
{
	static const char text[] = "written by the selftest";
	char name[HF_OBJECT_NAME_MAX + 1];
	struct holdfast_object disk, rom;
	char *at = holdfast_window_address(w);

	expect_result(holdfast_open("nothing", &disk), -ENOENT);
	memset(name, 'n', sizeof(name));
	name[HF_OBJECT_NAME_MAX] = '\0';
	expect_result(holdfast_open(name, &disk), -ENOENT);
	expect_result(holdfast_open("disk", &disk), 0);
	expect_result(holdfast_open("rom", &rom), 0);
	expect(disk.writable && !rom.writable && disk.bytes == 16 << 20);

	expect_result(holdfast_map_object(w, 0, &disk, 1, 2, 0), 0);
	memcpy(at, text, sizeof(text));
	expect_result(holdfast_map_object(w, 4, &disk, 0, 4, HF_MAP_READ_ONLY),
		      0);
	expect(!memcmp(at + 5 * PAGE_SIZE, text, sizeof(text)));
	expect(flush_and_discard(w, &disk));
	memcpy(at, text, sizeof(text));
	expect_result(holdfast_unmap(w, 4, 4), 0);

	expect_result(holdfast_map_object(w, 4, &rom, 0, 1, 0), -EROFS);
	expect_result(holdfast_remap_object(w, 0, 2, 0, &rom, 0, 1, 0), -EROFS);
	expect_result(holdfast_map_object(w, 4, &disk, disk.bytes >> PAGE_SHIFT,
					  1, 0),
		      -ENXIO);
	expect_result(
		holdfast_remap_object(w, 0, 2, 1, &rom, 0, 1, HF_MAP_READ_ONLY),
		0);
	expect_result(holdfast_unmap(w, 1, 1), 0);
	return true;
}

bool test_objects(void)
{
	struct holdfast_window *w = holdfast_reserve(8 * PAGE_SIZE, TAG, 0, 0);
	bool good = !IS_ERR(w) && object_shows(w);

	holdfast_release(w);
	return good;
}

/* Copies of odd lengths at odd places, up to where the window ends to be there.
 */
static bool copies_stop(struct holdfast_window *w, struct page **pages)
{
	static char buffer[3 * PAGE_SIZE];
	char *at = holdfast_window_address(w);
	struct hf_stat stat;

	expect_result(holdfast_map_pages(w, 1, pages, 1, 0), 0);
	expect_result(holdfast_map_pages(w, 2, pages + 1, 1, HF_MAP_READ_ONLY),
		      0);
	memset(buffer, 0xa5, sizeof(buffer));

	expect(!holdfast_copy_to_window(at + PAGE_SIZE + 1, buffer, 4093));
	expect(at[PAGE_SIZE] == 0 && at[PAGE_SIZE + 4093] == (char)0xa5 &&
	       at[PAGE_SIZE + 4094] == 0);
	expect(!holdfast_copy_from_window(buffer, at + PAGE_SIZE, 8192));
	expect(buffer[0] == 0 && buffer[1] == (char)0xa5 && buffer[4096] == 1);

	/* Nothing there; there, and then nothing; there, and then read-only. */
	expect(holdfast_copy_from_window(buffer, at, 100) == 100);
	expect(holdfast_copy_from_window(buffer, at + 3 * PAGE_SIZE, 1) == 1);
	expect(holdfast_copy_from_window(buffer, at + 2 * PAGE_SIZE + 96,
					 8192) == 4096 + 96);
	expect(holdfast_copy_to_window(at + PAGE_SIZE, buffer, 8192) == 4096);
	expect(holdfast_copy_to_window(at + 2 * PAGE_SIZE, buffer, 7) == 7);

	expect_result(holdfast_unmap(w, 1, 1), 0);
	expect(holdfast_copy_from_window(buffer, at + PAGE_SIZE, 8) == 8);
	expect_result(holdfast_unmap(w, 2, 1), 0);
	expect_result(holdfast_stat(w, &stat), 0);
	/* Those that the VMM could tell the window of: on some hosts, none. */
	expect(stat.faults <= 6);
	return true;
}

bool test_faults(void)
{
	struct holdfast_window *w = holdfast_reserve(4 * PAGE_SIZE, TAG, 0, 0);
	struct page **pages = pages_scattered(2);
	bool good = !IS_ERR(w) && pages && copies_stop(w, pages);

	if (pages)
		pages_free(pages, 2);
	holdfast_release(w);
	return good;
}
