/* SPDX-License-Identifier: MIT
 * RAM goes on at 4 GiB, above the PCI hole: extents, lists and argument pages may lie there, but
 * none may reach into the hole. A list of more than 2^32 pages is measured right. */
/* vm: --memory 8G --guarantee off */
#include "access.h"
#include "raw_calls.h"

#define LOW_END    (3ull << 30)
#define HIGH       (4ull << 30)
#define HIGH_END   (9ull << 30)
#define MANY       4097u
#define PAGES_2_20 0x100000u

static struct hf_extent list[MANY];

int guest_main(void)
{
    struct hf_window window;
    volatile uint64_t *const last_low = (uint64_t *)(LOW_END - 4096);
    volatile uint64_t *const first_high = (uint64_t *)HIGH;
    volatile uint64_t *const last_high = (uint64_t *)(HIGH_END - 4096);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO), HF_OK);
    CHECK_EQUAL(hf_reserve(16 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK(window.base.value >= HIGH_END);
    *last_low = 1;
    *first_high = 2;
    *last_high = 3;

    const struct hf_extent good[] = {{HIGH_END / 4096 - 1, 1, HF_RAM},
                                     {LOW_END / 4096 - 1, 1, HF_RAM},
                                     {HIGH / 4096, 1, HF_RAM}};
    CHECK_EQUAL(hf_map(&window, 0, good, 3, 0, NULL, NULL), HF_OK);
    const uint64_t wanted[] = {3, 1, 2};
    for (unsigned i = 0; i < 3; i++) {
        CHECK(can_read((char *)window.address + i * 4096, &seen));
        CHECK_EQUAL(seen, wanted[i]);
    }

    const struct hf_extent bad[] = {{LOW_END / 4096 - 1, 2, HF_RAM},
                                    {LOW_END / 4096, 1, HF_RAM},
                                    {HIGH / 4096 - 1, 1, HF_RAM},
                                    {HIGH / 4096 - 1, 2, HF_RAM},
                                    {LOW_END / 4096 - 1, HIGH / 4096 - LOW_END / 4096 + 2, HF_RAM},
                                    {HIGH_END / 4096 - 1, 2, HF_RAM},
                                    {HIGH_END / 4096, 1, HF_RAM}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_EQUAL(hf_map(&window, 3, &bad[i], 1, 0, NULL, NULL), HF_BAD_PAGE);

    /* Lists and argument pages. */
    struct hf_map map = {.window = window.handle,
                         .page_offset = 3,
                         .extents = 1,
                         .tag = TAG,
                         .cache = HF_CACHE_CACHED};
    *(volatile struct hf_extent *)(LOW_END - 16) = good[0];
    *(volatile struct hf_extent *)HIGH = good[0];
    map.list.value = LOW_END - 16;
    map.extents = 2;
    CHECK_EQUAL(CALL(MAP, map), HF_BAD_ADDRESS);
    map.extents = 1;
    CHECK_EQUAL(CALL(MAP, map), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 3, 1), HF_OK);
    map.list.value = HIGH;
    CHECK_EQUAL(CALL(MAP, map), HF_OK);
    CHECK_EQUAL(hf_call_at(HF_CALL_INFO, (hf_gpa){HIGH_END - 4096}), HF_OK);
    CHECK_EQUAL(((struct hf_info *)(HIGH_END - 4096))->abi_version, HF_ABI_VERSION);
    CHECK_EQUAL(hf_call_at(HF_CALL_INFO, (hf_gpa){HIGH_END}), HF_BAD_ADDRESS);
    CHECK_EQUAL(hf_call_at(HF_CALL_INFO, (hf_gpa){LOW_END}), HF_BAD_ADDRESS);
    CHECK_EQUAL(hf_call_at(HF_CALL_INFO, (hf_gpa){HIGH - 4096}), HF_BAD_ADDRESS);

    /* 2^32 + 1 pages are not one page. */
    for (unsigned i = 0; i < MANY - 1; i++)
        list[i] = (struct hf_extent){HIGH / 4096, PAGES_2_20, HF_RAM};
    list[MANY - 1] = (struct hf_extent){HIGH / 4096, 1, HF_RAM};
    struct hf_reserve large = {.bytes = MANY * 4096ull, .tag = TAG};
    CHECK_EQUAL(CALL(RESERVE, large), HF_OK);
    map = (struct hf_map){.window = large.window,
                          .list = raw_gpa(list),
                          .extents = MANY,
                          .tag = TAG,
                          .cache = HF_CACHE_CACHED};
    CHECK_REFUSED(large.window, MAP, map, HF_WINDOW_TOO_SMALL);
    return 0;
}
