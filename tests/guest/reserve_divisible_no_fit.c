/* SPDX-License-Identifier: MIT
 * Where no base divisible by the length is free, DIVISIBLE is HF_NO_RESOURCES although there is
 * room enough, and changes nothing. */
/* vm: --arena 64K */
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_info info;
    struct hf_reserve one = {.bytes = 4096, .tag = TAG};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(CALL(RESERVE, one), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(one.base.value, info.arena_base.value);
    CHECK_EQUAL(info.arena_pages, 16);
    CHECK_EQUAL(info.arena_largest, 15);

    struct hf_reserve call = {.bytes = 15 * 4096, .tag = TAG, .flags = HF_RESERVE_DIVISIBLE};
    const uint64_t first = info.arena_base.value / 4096 + 1;
    for (uint64_t pages = 15; pages > 0; pages--) {
        const uint64_t lost = (pages - first % pages) % pages;
        call.bytes = pages * 4096;
        if (lost + pages > 15) {
            CHECK_REFUSED(one.window, RESERVE, call, HF_NO_RESOURCES);
            continue;
        }
        struct hf_reserve fits = call;
        CHECK_EQUAL(CALL(RESERVE, fits), HF_OK);
        CHECK_EQUAL(fits.base.value % (pages * 4096), 0);
        struct hf_release release = {.window = fits.window, .tag = TAG};
        CHECK_EQUAL(CALL(RELEASE, release), HF_OK);
    }
    call.bytes = 15 * 4096;
    call.flags = 0;
    CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
    return 0;
}
