/* SPDX-License-Identifier: MIT
 * INFO's accounts follow RESERVE and RELEASE and nothing else. */
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_window window;
    struct hf_info before;
    struct hf_info reserved;
    struct hf_info now;
    const struct hf_extent list = {page_of(raw_pages), 3, HF_RAM};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&before), HF_OK);
    CHECK_EQUAL(hf_reserve(100 * 4096, TAG, 0, 30, &window), HF_OK);
    CHECK_EQUAL(hf_info(&reserved), HF_OK);
    CHECK_EQUAL(before.arena_free - reserved.arena_free, 100);
    CHECK_EQUAL(before.windows_free - reserved.windows_free, 1);
    CHECK_EQUAL(before.extents_free - reserved.extents_free, 30);
    CHECK_EQUAL(reserved.vmas_held - before.vmas_held, 60);
    CHECK_EQUAL(reserved.tables_held - before.tables_held, 1);
    CHECK((reserved.ballast_held > before.ballast_held) == (reserved.guarantee_mode != 0));
    CHECK(reserved.vmas_held <= reserved.vmas_max && reserved.tables_held <= reserved.tables_max);
    CHECK(reserved.ballast_held <= reserved.ballast_max);
    CHECK_EQUAL((reserved.guarantee & HF_GUARANTEE_TABLES_AHEAD) != 0,
                (reserved.features & HF_FEATURE_PREFAULT) != 0);
    CHECK(reserved.arena_largest <= reserved.arena_free);
    CHECK_EQUAL(reserved.windows_max, before.windows_max);
    CHECK_EQUAL(reserved.extents_max, before.extents_max);

    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 50, &list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_remap(&window, 50, 3, 51, &list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_info(&now), HF_OK);
    CHECK(memcmp(&now, &reserved, sizeof now) == 0);
    CHECK_EQUAL(hf_unmap(&window, 0, 3), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 51, 3), HF_OK);
    CHECK_EQUAL(hf_info(&now), HF_OK);
    CHECK(memcmp(&now, &reserved, sizeof now) == 0);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    CHECK_EQUAL(hf_info(&now), HF_OK);
    CHECK(memcmp(&now, &before, sizeof now) == 0);
    return 0;
}
