/* SPDX-License-Identifier: MIT
 * A page list that is not aligned to 8 or does not lie in RAM with all its extents is
 * HF_BAD_ADDRESS, for MAP and for REMAP; one that ends where RAM ends is good. */
/* vm: --memory 8M */
#include "raw_calls.h"

#define RAM_END 0x800000ull /* 8 MiB */

struct place {
    uint64_t address;
    uint32_t extents;
};

static bool all_refused(const struct hf_window *window, const struct place *places, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct hf_map map = {.window = window->handle,
                                   .page_offset = 2,
                                   .list = {places[i].address},
                                   .extents = places[i].extents,
                                   .tag = TAG,
                                   .cache = HF_CACHE_CACHED};
        const struct hf_remap remap = {.map = map, .old_offset = 0, .old_pages = 1};
        if (!raw_refused(window->handle, HF_CALL_MAP, &map, sizeof map, HF_BAD_ADDRESS) ||
            !raw_refused(window->handle, HF_CALL_REMAP, &remap, sizeof remap, HF_BAD_ADDRESS)) {
            hf_printf("list at 0x%llx, %u extents\n", (unsigned long long)places[i].address,
                      places[i].extents);
            return false;
        }
    }
    return true;
}

static void fill(void *at, uint64_t page, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ((struct hf_extent *)at)[i] = (struct hf_extent){page, 1, HF_RAM};
}

int guest_main(void)
{
    struct hf_window window;
    char *memory = nano_pages(2);

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(8 * 4096, TAG, 0, 0, &window), HF_OK);
    fill(memory, page_of(memory), 512);
    fill((void *)(RAM_END - 4096), page_of(memory), 256);
    const struct hf_extent list = {page_of(memory), 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);

    const uint64_t good = (uintptr_t)memory;
    const struct place bad[] = {
        {good + 1, 1},
        {good + 4, 1},
        {good + 7, 1},
        {good + 4092, 1}, /* not aligned, and over two pages */
        {RAM_END - 8, 1}, /* an extent that RAM ends in */
        {RAM_END - 16, 2},
        {RAM_END - 24, 2},
        {RAM_END - 4096, 257},
        {RAM_END - 65536, HF_LIST_MAX},
        {RAM_END, 1},
        {RAM_END + 8, 1},
        {window.base.value, 1}, /* RAM stands behind it, but it is not RAM */
        {window.base.value + 8, 1},
        {3ull << 30, 1},
        {(3ull << 30) - 16, 2},
        {0xfee00000, 1},
        {(4ull << 30) - 16, 2},
        {4ull << 30, 1},
        {4ull << 30 | 0x10000, 1},
        {1ull << 52 | 0x10000, 1},
        {1ull << 63, 1},
        {1ull << 63 | 0x10000, 1},
        {0xfffffffffffffff0, 1},
        {0xfffffffffffffff0, 2},
        {0xfffffffffffffff8, 1},
        {0xfffffffffffe0000, HF_LIST_MAX},
        {0xfffffffffffffff0, HF_LIST_MAX},
        {0 - (uint64_t)HF_LIST_MAX * 16, HF_LIST_MAX},
        {UINT64_MAX, 1},
    };
    CHECK(all_refused(&window, bad, sizeof bad / sizeof bad[0]));

    const struct place fine[] = {{good + 8, 1}, {RAM_END - 16, 1}, {RAM_END - 32, 2}};
    for (unsigned i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        struct hf_map map = {.window = window.handle,
                             .page_offset = 2,
                             .list = {fine[i].address},
                             .extents = fine[i].extents,
                             .tag = TAG,
                             .cache = HF_CACHE_CACHED};
        fill((void *)fine[i].address, page_of(memory), fine[i].extents);
        CHECK_EQUAL(CALL(MAP, map), HF_OK);
        CHECK_EQUAL(hf_unmap(&window, 2, fine[i].extents), HF_OK);
    }
    return 0;
}
