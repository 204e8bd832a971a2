/* SPDX-License-Identifier: MIT
 * RESERVE rounds up to whole pages, tells what it gave, and gives windows that do not overlap and
 * lie in the arena. */
#include "raw_calls.h"

int guest_main(void)
{
    static const struct {
        uint64_t bytes;
        uint64_t pages;
    } sizes[] = {{1, 1}, {4095, 1}, {4096, 1}, {4097, 2}, {8192, 2}, {1 << 20, 256}, {12289, 4}};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    struct hf_reserve given[COUNT];
    struct hf_info before;
    struct hf_info after;
    uint64_t pages = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&before), HF_OK);
    for (unsigned i = 0; i < COUNT; i++) {
        given[i] = (struct hf_reserve){.bytes = sizes[i].bytes, .tag = TAG + i};
        CHECK_EQUAL(CALL(RESERVE, given[i]), HF_OK);
        CHECK_EQUAL(given[i].pages, sizes[i].pages);
        CHECK_EQUAL(given[i].max_extents, sizes[i].pages);
        CHECK_EQUAL(given[i].bytes, sizes[i].bytes);
        CHECK_EQUAL(given[i].base.value % HF_PAGE_SIZE, 0);
        CHECK(given[i].base.value >= before.arena_base.value);
        CHECK(given[i].base.value + (given[i].pages << HF_PAGE_SHIFT) <=
              before.arena_base.value + (before.arena_pages << HF_PAGE_SHIFT));
        for (unsigned j = 0; j < i; j++) {
            CHECK(given[j].window != given[i].window);
            CHECK(given[j].base.value + (given[j].pages << HF_PAGE_SHIFT) <= given[i].base.value ||
                  given[i].base.value + (given[i].pages << HF_PAGE_SHIFT) <= given[j].base.value);
        }
        pages += given[i].pages;
    }
    CHECK_EQUAL(hf_info(&after), HF_OK);
    CHECK_EQUAL(before.arena_free - after.arena_free, pages);
    CHECK_EQUAL(before.windows_free - after.windows_free, COUNT);
    CHECK_EQUAL(before.extents_free - after.extents_free, pages);

    /* The most extents: no more than pages can be needed. */
    struct hf_reserve some = {.bytes = 10 * 4096, .tag = TAG, .max_extents = 4};
    CHECK_EQUAL(CALL(RESERVE, some), HF_OK);
    CHECK_EQUAL(some.max_extents, 4);
    some = (struct hf_reserve){.bytes = 10 * 4096, .tag = TAG, .max_extents = UINT32_MAX};
    CHECK_EQUAL(CALL(RESERVE, some), HF_OK);
    CHECK_EQUAL(some.max_extents, 10);
    CHECK_EQUAL(hf_info(&before), HF_OK);
    CHECK_EQUAL(after.extents_free - before.extents_free, 14);
    return 0;
}
