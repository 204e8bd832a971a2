/* SPDX-License-Identifier: MIT
 * The base of a DIVISIBLE window is divisible by the window's length, odd lengths included, even
 * when the arena is crowded. */
#include "access.h"
#include "raw_calls.h"

int guest_main(void)
{
    static const uint64_t lengths[] = {3, 5, 7, 100, 512, 1, 513, 1000, 255, 2, 6, 9999, 131072};
    enum { COUNT = sizeof lengths / sizeof lengths[0] };
    struct hf_window window;
    struct hf_info before;
    struct hf_info after;
    uint64_t handles[COUNT];

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&before), HF_OK);
    for (unsigned i = 0; i < COUNT; i++) {
        /* Something small in between, so that bases are not divisible by accident. */
        struct hf_reserve call = (struct hf_reserve){.bytes = 4096, .tag = TAG, .max_extents = 1};
        CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
        call = (struct hf_reserve){.bytes = lengths[i] * 4096,
                                   .tag = TAG,
                                   .flags = HF_RESERVE_DIVISIBLE,
                                   .max_extents = 1};
        CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
        CHECK_EQUAL(call.pages, lengths[i]);
        CHECK_EQUAL(call.base.value % (lengths[i] * 4096), 0);
        handles[i] = call.window;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        struct hf_release release = {.window = handles[i], .tag = TAG};
        struct hf_stat stat = {.window = handles[i]};
        CHECK_EQUAL(CALL(STAT, stat), HF_OK);
        CHECK_EQUAL(stat.flags, HF_RESERVE_DIVISIBLE);
        CHECK_EQUAL(CALL(RELEASE, release), HF_OK);
    }
    CHECK_EQUAL(hf_info(&after), HF_OK);
    CHECK_EQUAL(before.arena_free - after.arena_free, COUNT);

    /* The kernel's address is, too, and the window works to its end. */
    const struct hf_extent list = {page_of(raw_pages), 7, HF_RAM};
    CHECK_EQUAL(hf_reserve(7 * 4096, TAG, HF_RESERVE_DIVISIBLE, 0, &window), HF_OK);
    CHECK_EQUAL((uintptr_t)window.address % (7 * 4096), 0);
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    raw_pages[6][0] = 0x5a;
    CHECK_EQUAL(*((volatile uint8_t *)window.address + 6 * 4096), 0x5a);
    return 0;
}
