/* SPDX-License-Identifier: MIT
 * A RESERVE beyond the quota of its tag is refused and changes nothing; other tags, and what the
 * tag holds, are not touched by it. */
/* vm: --quota tag=HFBK,windows=3,pages=100 --quota tag=0x54455354,extents=10 */
#include "raw_calls.h"

#define HFBK 0x4b424648u

/* Refused, with every account as it was. */
static int refused(uint64_t pages, uint32_t tag, uint32_t extents)
{
    struct hf_window window;
    struct hf_info before;
    struct hf_info after;

    CHECK_EQUAL(hf_info(&before), HF_OK);
    CHECK_EQUAL(hf_reserve(pages * HF_PAGE_SIZE, tag, 0, extents, &window), HF_NO_RESOURCES);
    CHECK_EQUAL(hf_info(&after), HF_OK);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    return 0;
}

int guest_main(void)
{
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    struct hf_window window[4];
    struct hf_window other;

    CHECK_EQUAL(hf_init(), HF_OK);

    /* Pages. */
    CHECK(refused(101, HFBK, 1) == 0);
    CHECK_EQUAL(hf_reserve(60 * HF_PAGE_SIZE, HFBK, 0, 1, &window[0]), HF_OK);
    CHECK(refused(41, HFBK, 1) == 0);
    CHECK_EQUAL(hf_reserve(40 * HF_PAGE_SIZE, HFBK, 0, 1, &window[1]), HF_OK);
    CHECK(refused(1, HFBK, 1) == 0);

    /* Windows. */
    CHECK_EQUAL(hf_release(&window[1]), HF_OK);
    CHECK_EQUAL(hf_reserve(1, HFBK, 0, 1, &window[1]), HF_OK);
    CHECK_EQUAL(hf_reserve(1, HFBK, 0, 1, &window[2]), HF_OK);
    CHECK(refused(1, HFBK, 1) == 0);

    /* Extents, by those in force. */
    CHECK(refused(11, TAG, 0) == 0);
    CHECK_EQUAL(hf_reserve(6 * HF_PAGE_SIZE, TAG, 0, 100, &other), HF_OK);
    CHECK(refused(5, TAG, 0) == 0);

    /* A tag without a quota. */
    CHECK_EQUAL(hf_reserve(1000 * HF_PAGE_SIZE, TAG + 1, 0, 100, &window[3]), HF_OK);

    /* The windows of a tag that was refused work as before. */
    CHECK_EQUAL(hf_map(&window[0], 59, &list, 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_unmap(&window[0], 59, 1), HF_OK);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(hf_release(&window[i]), HF_OK);
    CHECK_EQUAL(hf_reserve(100 * HF_PAGE_SIZE, HFBK, 0, 1, &window[0]), HF_OK);
    return 0;
}
