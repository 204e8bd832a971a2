/* SPDX-License-Identifier: MIT
 * RESERVE sets aside the extents that a window may hold; when INFO says that none are left,
 * RESERVE is HF_NO_RESOURCES while windows that exist go on working. */
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_info all_free;
    struct hf_info info;
    struct hf_window window;
    uint64_t handles[2];

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&all_free), HF_OK);
    CHECK_EQUAL(all_free.extents_free, all_free.extents_max);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    const uint64_t left = all_free.extents_max - 4;

    struct hf_reserve call = (struct hf_reserve){.bytes = (left + 1) * 4096, .tag = TAG};
    CHECK_REFUSED(window.handle, RESERVE, call, HF_NO_RESOURCES);
    call = (struct hf_reserve){.bytes = (left - 1) * 4096, .tag = TAG};
    CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
    handles[0] = call.window;
    call = (struct hf_reserve){.bytes = 2 * 4096, .tag = TAG};
    CHECK_REFUSED(window.handle, RESERVE, call, HF_NO_RESOURCES);
    call.max_extents = 1;
    CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
    handles[1] = call.window;
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.extents_free, 0);
    CHECK(info.arena_free > 0);
    CHECK(info.windows_free > 0);
    call = (struct hf_reserve){.bytes = 1, .tag = TAG, .max_extents = 1};
    CHECK_REFUSED(window.handle, RESERVE, call, HF_NO_RESOURCES);

    const uint64_t page = page_of(raw_pages);
    const struct hf_extent list[] = {
        {page, 1, HF_RAM}, {page, 1, HF_RAM}, {page, 1, HF_RAM}, {page, 1, HF_RAM}};
    CHECK_EQUAL(hf_map(&window, 0, list, 4, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 0, 4), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    for (unsigned i = 0; i < 2; i++) {
        struct hf_release release = {.window = handles[i], .tag = TAG};
        CHECK_EQUAL(CALL(RELEASE, release), HF_OK);
    }
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK(memcmp(&info, &all_free, sizeof info) == 0);
    return 0;
}
