/* SPDX-License-Identifier: MIT
 * RESERVE is HF_NO_RESOURCES where a window would need more second-level tables than the operator's
 * budget has left, and changes nothing; a window that needs none of its own still goes. */
/* vm: --budget tables=3,windows=5,extents=7 */
#include "raw_calls.h"

#define PIECE (512 * HF_PAGE_SIZE)

int guest_main(void)
{
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    struct hf_window window[3];
    struct hf_info all_free;
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&all_free), HF_OK);
    CHECK_EQUAL(all_free.tables_max, 3);
    CHECK_EQUAL(all_free.tables_held, 0);
    CHECK_EQUAL(all_free.windows_max, 5);
    CHECK_EQUAL(all_free.extents_max, 7);

    struct hf_reserve call =
        (struct hf_reserve){.bytes = 3 * PIECE + 1, .tag = TAG, .max_extents = 1};
    CHECK_EQUAL(CALL(RESERVE, call), HF_NO_RESOURCES);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK(memcmp(&info, &all_free, sizeof info) == 0);

    CHECK_EQUAL(hf_reserve(3 * PIECE - HF_PAGE_SIZE, TAG, 0, 1, &window[0]), HF_OK);
    call = (struct hf_reserve){.bytes = 2 * HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};
    CHECK_REFUSED(window[0].handle, RESERVE, call, HF_NO_RESOURCES);
    CHECK_EQUAL(hf_reserve(1, TAG, 0, 1, &window[1]), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.tables_held, 3);

    CHECK_EQUAL(hf_map(&window[1], 0, &list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window[0], 3 * 512 - 2, &list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_unmap(&window[0], 3 * 512 - 2, 1), HF_OK);
    CHECK_EQUAL(hf_unmap(&window[1], 0, 1), HF_OK);
    CHECK_EQUAL(hf_release(&window[0]), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * PIECE, TAG, 0, 1, &window[2]), HF_OK);
    CHECK_EQUAL(hf_release(&window[2]), HF_OK);
    CHECK_EQUAL(hf_release(&window[1]), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK(memcmp(&info, &all_free, sizeof info) == 0);
    return 0;
}
