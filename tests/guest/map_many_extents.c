/* SPDX-License-Identifier: MIT
 * A list of as many extents as the ABI allows is mapped in one call, each page in its place, and
 * goes away in one call. */
/* vm: --memory 64M */
#include "access.h"
#include "guest/lib/platform.h"
#include "raw_calls.h"

#define FIRST_PAGE 0x1800u /* the upper part of RAM, which nano's allocator does not reach */

static struct hf_extent list[HF_LIST_MAX];

int guest_main(void)
{
    struct hf_reserve window = {.bytes = (uint64_t)HF_LIST_MAX * 4096, .tag = TAG};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(CALL(RESERVE, window), HF_OK);
    CHECK_EQUAL(window.max_extents, HF_LIST_MAX);
    for (unsigned i = 0; i < HF_LIST_MAX; i++)
        list[i] = (struct hf_extent){FIRST_PAGE + HF_LIST_MAX - 1 - i, 1, HF_RAM};
    struct hf_map map = {.window = window.window,
                         .list = raw_gpa(list),
                         .extents = HF_LIST_MAX,
                         .tag = TAG,
                         .cache = HF_CACHE_CACHED};
    CHECK_EQUAL(CALL(MAP, map), HF_OK);
    CHECK_EQUAL(map.pages, HF_LIST_MAX);

    struct hf_stat stat = (struct hf_stat){.window = window.window};
    CHECK_EQUAL(CALL(STAT, stat), HF_OK);
    CHECK_EQUAL(stat.extents, HF_LIST_MAX);
    CHECK_EQUAL(stat.mapped_pages, HF_LIST_MAX);
    CHECK_EQUAL(stat.mappings, 1);
    for (unsigned i = 0; i < HF_LIST_MAX; i += 511) {
        uint64_t seen;
        const hf_gpa at = {window.base.value + i * 4096ull};
        CHECK(hf_platform_window_add(at, 1) != NULL);
        *(volatile uint64_t *)(list[i].first * 4096) = i + 1;
        CHECK(can_read((void *)at.value, &seen));
        CHECK_EQUAL(seen, i + 1);
    }

    const struct hf_unmap less = {.window = window.window, .pages = HF_LIST_MAX - 1, .tag = TAG};
    CHECK_REFUSED(window.window, UNMAP, less, HF_UNMAP_NOT_ONE_MAP);
    struct hf_unmap unmap = {.window = window.window, .pages = HF_LIST_MAX, .tag = TAG};
    CHECK_EQUAL(CALL(UNMAP, unmap), HF_OK);
    for (unsigned i = 0; i < HF_LIST_MAX; i += 511)
        CHECK(read_is_gp((void *)(window.base.value + i * 4096ull)));
    struct hf_release release = {.window = window.window, .tag = TAG};
    CHECK_EQUAL(CALL(RELEASE, release), HF_OK);
    return 0;
}
