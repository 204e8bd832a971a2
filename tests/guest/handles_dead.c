/* SPDX-License-Identifier: MIT
 * A handle dies with its window: after a new RESERVE at the same base the old handle is refused by
 * every call, and nothing of the old mapping is to be seen. */
#include "access.h"
#include "raw_calls.h"

static bool is_dead(uint64_t handle, uint64_t other)
{
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    const struct hf_map map = {.window = handle,
                               .list = raw_gpa(&list),
                               .extents = 1,
                               .tag = TAG,
                               .cache = HF_CACHE_CACHED};
    const struct hf_remap remap = {.map = map, .old_pages = 1};
    const struct hf_unmap unmap = {.window = handle, .pages = 1, .tag = TAG};
    const struct hf_release release = {.window = handle, .tag = TAG};
    const struct hf_stat stat = {.window = handle};

    return raw_refused(other, HF_CALL_MAP, &map, sizeof map, HF_MAP_NO_WINDOW) &&
           raw_refused(other, HF_CALL_REMAP, &remap, sizeof remap, HF_MAP_NO_WINDOW) &&
           raw_refused(other, HF_CALL_UNMAP, &unmap, sizeof unmap, HF_UNMAP_NO_WINDOW) &&
           raw_refused(other, HF_CALL_RELEASE, &release, sizeof release, HF_RELEASE_NO_WINDOW) &&
           raw_refused(other, HF_CALL_STAT, &stat, sizeof stat, HF_STAT_NO_WINDOW);
}

int guest_main(void)
{
    struct hf_window window;
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    uint64_t old[4];
    uint64_t base = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
        CHECK(i == 0 || window.base.value == base);
        base = window.base.value;
        CHECK(read_is_gp(window.address));
        for (unsigned j = 0; j < i; j++)
            CHECK(is_dead(old[j], window.handle));
        CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
        CHECK(can_read(window.address, NULL));
        for (unsigned j = 0; j < i; j++)
            CHECK(is_dead(old[j], window.handle));
        old[i] = window.handle;
        CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
        if (i < 3)
            CHECK_EQUAL(hf_release(&window), HF_OK);
    }

    /* Guesses around a handle that lives, and at the ends of the range. */
    const uint64_t guesses[] = {0,
                                1ull << 31,
                                1ull << 32,
                                1ull << 63,
                                UINT32_MAX,
                                UINT64_MAX,
                                window.handle + 1,
                                window.handle - 1,
                                window.handle + (1ull << 32),
                                window.handle - (1ull << 32),
                                window.handle | 1ull << 63,
                                window.handle << 32,
                                window.base.value,
                                4096,
                                4097};
    for (unsigned i = 0; i < sizeof guesses / sizeof guesses[0]; i++)
        CHECK(is_dead(guesses[i], window.handle));
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
