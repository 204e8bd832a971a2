/* SPDX-License-Identifier: MIT
 * A window holds as many extents at once as RESERVE asked for, over all its mappings, and not one
 * more; what was unmapped makes room again. */
#include "raw_calls.h"

#define PAGES 16u

int guest_main(void)
{
    struct hf_window window;
    const uint64_t page = page_of(raw_pages);
    const struct hf_extent list[] = {{page, 1, HF_RAM},     {page + 1, 1, HF_RAM},
                                     {page + 2, 2, HF_RAM}, {page + 1, 1, HF_RAM},
                                     {page, 1, HF_RAM},     {page, 1, HF_RAM}};
    struct hf_stat stat;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 5, &window), HF_OK);
    CHECK_EQUAL(window.max_extents, 5);

    CHECK_EQUAL(hf_map(&window, 0, list, 6, 0, NULL, NULL), HF_TOO_MANY_EXTENTS);
    CHECK_EQUAL(hf_map(&window, 0, list, 3, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 4, list, 3, 0, NULL, NULL), HF_TOO_MANY_EXTENTS);
    CHECK_EQUAL(hf_map(&window, 4, list, 2, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 8, list, 1, 0, NULL, NULL), HF_TOO_MANY_EXTENTS);
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.extents, 5);
    CHECK_EQUAL(stat.max_extents, 5);

    /* A REMAP counts without the mapping that it takes away. */
    CHECK_EQUAL(hf_remap(&window, 4, 2, 8, list, 3, 0, NULL, NULL), HF_TOO_MANY_EXTENTS);
    CHECK_EQUAL(hf_remap(&window, 4, 2, 8, list, 2, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_remap(&window, 0, 4, 0, list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 12, list, 3, 0, NULL, NULL), HF_TOO_MANY_EXTENTS);
    CHECK_EQUAL(hf_map(&window, 12, list, 2, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 8, 2), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 12, 2), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);

    /* All five again, one at a time, many times: none is lost on the way. */
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 5; i++)
            CHECK_EQUAL(hf_map(&window, i * 3, list, 1, 0, NULL, NULL), HF_OK);
        CHECK_EQUAL(hf_map(&window, 1, list, 1, 0, NULL, NULL), HF_TOO_MANY_EXTENTS);
        for (unsigned i = 0; i < 5; i++)
            CHECK_EQUAL(hf_unmap(&window, (i * 2 % 5) * 3, 1), HF_OK);
    }
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
