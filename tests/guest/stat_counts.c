/* SPDX-License-Identifier: MIT
 * STAT tells what a window is, what is mapped in it, and how often it was mapped, unmapped and
 * touched where nothing is mapped; refused calls do not count. */
#include "access.h"
#include "raw_calls.h"

#define PAGES 8u

static struct hf_window window;
static struct hf_stat wanted;

static bool as_wanted(void)
{
    struct hf_stat stat;

    memset(&stat, 0xff, sizeof stat);
    stat.window = window.handle;
    return CALL(STAT, stat) == HF_OK && memcmp(&stat, &wanted, sizeof stat) == 0;
}

int guest_main(void)
{
    const uint64_t page = page_of(raw_pages);
    const struct hf_extent list[] = {{page, 2, HF_RAM}, {page + 4, 1, HF_RAM}, {page, 1, HF_RAM}};
    struct access access;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, 0xfedcba98, HF_RESERVE_DIVISIBLE, 6, &window), HF_OK);
    wanted = (struct hf_stat){.window = window.handle,
                              .base = window.base,
                              .pages = PAGES,
                              .tag = 0xfedcba98,
                              .flags = HF_RESERVE_DIVISIBLE,
                              .max_extents = 6};
    CHECK(as_wanted());

    CHECK_EQUAL(hf_map(&window, 0, list, 3, 0, NULL, NULL), HF_OK);
    wanted.mapped_pages = 4;
    wanted.extents = 3;
    wanted.mappings = 1;
    wanted.maps = 1;
    CHECK(as_wanted());
    CHECK_EQUAL(hf_map(&window, 5, list, 1, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    wanted.mapped_pages = 6;
    wanted.extents = 4;
    wanted.mappings = 2;
    wanted.maps = 2;
    CHECK(as_wanted());

    CHECK_EQUAL(hf_map(&window, 5, list, 1, 0, NULL, NULL), HF_MAP_OVERLAP);
    CHECK_EQUAL(hf_unmap(&window, 5, 1), HF_UNMAP_NOT_ONE_MAP);
    CHECK_EQUAL(hf_remap(&window, 5, 2, 7, list, 1, 0, NULL, NULL), HF_WINDOW_TOO_SMALL);
    CHECK(as_wanted());

    CHECK_EQUAL(hf_remap(&window, 5, 2, 7, &list[1], 1, 0, NULL, NULL), HF_OK);
    wanted.mapped_pages = 5;
    wanted.maps = 3;
    wanted.unmaps = 1;
    CHECK(as_wanted());
    CHECK_EQUAL(hf_unmap(&window, 0, 4), HF_OK);
    wanted.mapped_pages = 1;
    wanted.extents = 1;
    wanted.mappings = 1;
    wanted.unmaps = 2;
    CHECK(as_wanted());

    /* Accesses where nothing is mapped, from either ring. */
    CHECK(read_is_gp(window.address));
    CHECK(write_is_gp((char *)window.address + 6 * 4096 + 4088));
    access.at = window.address;
    CHECK(!nano_try_user(access_read, &access, NULL));
    CHECK(!nano_try_user(access_write, &access, NULL));
    wanted.faults = 4;
    CHECK(as_wanted());
    CHECK(can_read((char *)window.address + 7 * 4096, NULL));
    CHECK(as_wanted());

    CHECK_EQUAL(hf_unmap(&window, 7, 1), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    struct hf_stat gone = {.window = wanted.window};
    CHECK_EQUAL(CALL(STAT, gone), HF_STAT_NO_WINDOW);

    /* A new window begins with nothing counted. */
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    wanted = (struct hf_stat){
        .window = window.handle, .base = window.base, .pages = 1, .tag = TAG, .max_extents = 1};
    CHECK(as_wanted());
    return 0;
}
