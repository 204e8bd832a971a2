/* SPDX-License-Identifier: MIT
 * The arena can be given away to its last page; then RESERVE is HF_NO_RESOURCES. Of a torn arena
 * INFO tells the longest free range, which can be had, and no page more. */
/* vm: --arena 1M */
#include "raw_calls.h"

#define PAGES 256u

static uint64_t handles[PAGES];

static int release(uint64_t window)
{
    struct hf_release call = {.window = window, .tag = TAG};

    return CALL(RELEASE, call);
}

int guest_main(void)
{
    struct hf_reserve one = {.bytes = 4096, .tag = TAG};
    struct hf_info all_free;
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&all_free), HF_OK);
    CHECK_EQUAL(all_free.arena_pages, PAGES);
    CHECK_EQUAL(all_free.arena_free, PAGES);
    CHECK_EQUAL(all_free.arena_largest, PAGES);

    struct hf_reserve call = (struct hf_reserve){.bytes = PAGES * 4096, .tag = TAG};
    CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
    CHECK_EQUAL(call.base.value, all_free.arena_base.value);
    CHECK_REFUSED(call.window, RESERVE, one, HF_NO_RESOURCES);
    CHECK_EQUAL(release(call.window), HF_OK);

    for (unsigned i = 0; i < PAGES; i++) {
        call = one;
        CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
        handles[(call.base.value - all_free.arena_base.value) / 4096] = call.window;
    }
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.arena_free, 0);
    CHECK_EQUAL(info.arena_largest, 0);
    CHECK_REFUSED(call.window, RESERVE, one, HF_NO_RESOURCES);

    /* Every second page free, and five in a row, and three at the end. */
    for (unsigned i = 0; i < PAGES; i += 2)
        CHECK_EQUAL(release(handles[i]), HF_OK);
    CHECK_EQUAL(release(handles[101]), HF_OK);
    CHECK_EQUAL(release(handles[103]), HF_OK);
    CHECK_EQUAL(release(handles[255]), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.arena_free, PAGES / 2 + 3);
    CHECK_EQUAL(info.arena_largest, 5);
    call = (struct hf_reserve){.bytes = 6 * 4096, .tag = TAG};
    CHECK_REFUSED(handles[1], RESERVE, call, HF_NO_RESOURCES);
    call.bytes = 5 * 4096;
    CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
    CHECK_EQUAL(call.base.value, all_free.arena_base.value + 100 * 4096);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.arena_largest, 2);
    CHECK_EQUAL(release(call.window), HF_OK);

    for (unsigned i = 1; i < PAGES - 1; i += 2)
        CHECK_EQUAL(release(handles[i]), i == 101 || i == 103 ? HF_RELEASE_NO_WINDOW : HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK(memcmp(&info, &all_free, sizeof info) == 0);
    return 0;
}
