/* SPDX-License-Identifier: MIT
 * RESERVE refuses each bad argument with a status of its own and has then set nothing aside. */
#include "raw_calls.h"

#define ARENA_BYTES (1ull << 30)
#define PAGES_2_32  (1ull << 44) /* bytes in 2^32 pages */

static const struct {
    struct hf_reserve call;
    int status;
} bad[] = {
    {{.bytes = 0, .tag = TAG}, HF_RESERVE_NOTHING},
    {{.bytes = 4096, .tag = 0}, HF_BAD_TAG},
    {{.bytes = 4096, .tag = TAG, .flags = 2}, HF_BAD_FLAGS},
    {{.bytes = 4096, .tag = TAG, .flags = 0x80000001}, HF_BAD_FLAGS},
    {{.bytes = 4096, .tag = TAG, .flags = 0xffffffff}, HF_BAD_FLAGS},
    {{.bytes = 4096, .tag = TAG, .zero = 1}, HF_BAD_FLAGS},
    {{.bytes = 4096, .tag = TAG, .zero = 0x80000000}, HF_BAD_FLAGS},
    {{.bytes = PAGES_2_32, .tag = TAG}, HF_TOO_LARGE},
    {{.bytes = PAGES_2_32 - 4095, .tag = TAG}, HF_TOO_LARGE},
    {{.bytes = PAGES_2_32 + 4096, .tag = TAG, .max_extents = 1}, HF_TOO_LARGE},
    {{.bytes = 1ull << 63, .tag = TAG}, HF_TOO_LARGE},
    {{.bytes = UINT64_MAX, .tag = TAG}, HF_TOO_LARGE},
    {{.bytes = UINT64_MAX, .tag = TAG, .flags = HF_RESERVE_DIVISIBLE}, HF_TOO_LARGE},
    {{.bytes = PAGES_2_32 - 4096, .tag = TAG, .max_extents = 1}, HF_NO_RESOURCES},
    {{.bytes = PAGES_2_32 - 4096, .tag = TAG}, HF_NO_RESOURCES},
    {{.bytes = ARENA_BYTES + 1, .tag = TAG, .max_extents = 1}, HF_NO_RESOURCES},
    {{.bytes = ARENA_BYTES, .tag = TAG}, HF_NO_RESOURCES}, /* one extent a page */
    {{.bytes = ARENA_BYTES + 1, .tag = TAG, .flags = HF_RESERVE_DIVISIBLE, .max_extents = 1},
     HF_NO_RESOURCES},
};

int guest_main(void)
{
    struct hf_reserve good = {.bytes = ARENA_BYTES, .tag = 1, .max_extents = 1};

    CHECK_EQUAL(hf_init(), HF_OK);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!raw_refused(0, HF_CALL_RESERVE, &bad[i].call, sizeof bad[i].call, bad[i].status)) {
            hf_printf("FAILED: case %u\n", i);
            return 1;
        }
    }

    /* Nothing is lost: the arena is still to be had as a whole. */
    CHECK_EQUAL(CALL(RESERVE, good), HF_OK);
    CHECK_EQUAL(good.pages, ARENA_BYTES >> HF_PAGE_SHIFT);
    struct hf_release release = (struct hf_release){.window = good.window, .tag = 1};
    CHECK_EQUAL(CALL(RELEASE, release), HF_OK);
    return 0;
}
