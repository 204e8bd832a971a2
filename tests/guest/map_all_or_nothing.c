/* SPDX-License-Identifier: MIT
 * A MAP of 500 extents whose last is bad maps none; the same list made good maps all. */
#include "access.h"
#include "raw_calls.h"

#define COUNT 500u

static struct hf_extent list[COUNT];

static const char *page(const struct hf_window *window, uint64_t offset)
{
    return (const char *)window->address + (offset << HF_PAGE_SHIFT);
}

int guest_main(void)
{
    static const struct hf_extent wrong[] = {
        {0x4000, 1, HF_RAM}, {0x3fff, 2, HF_RAM}, {UINT64_MAX, 1, HF_RAM}, {0, 1, 99}};
    struct hf_window window;
    uint64_t *pages = nano_pages(2);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(COUNT * 4096, TAG, 0, 0, &window), HF_OK);
    pages[0] = 0xabcd;
    pages[512] = 0xef01;
    for (unsigned i = 0; i < COUNT; i++)
        list[i] = (struct hf_extent){page_of(pages), 1, HF_RAM};
    const struct hf_map call = {.window = window.handle,
                                .list = raw_gpa(list),
                                .extents = COUNT,
                                .tag = TAG,
                                .cache = HF_CACHE_CACHED};

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        list[COUNT - 1] = wrong[i];
        CHECK_REFUSED(window.handle, MAP, call, HF_BAD_PAGE);
    }
    list[COUNT - 1] = (struct hf_extent){page_of(pages), 0, HF_RAM};
    CHECK_REFUSED(window.handle, MAP, call, HF_EMPTY_LIST);
    for (unsigned i = 0; i < COUNT; i += 20)
        CHECK(read_is_gp(page(&window, i)));
    CHECK(read_is_gp(page(&window, COUNT - 1)));

    list[COUNT - 1] = (struct hf_extent){page_of(pages) + 1, 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, 0, list, COUNT, 0, NULL, NULL), HF_OK);
    for (unsigned i = 0; i < COUNT - 1; i += 20) {
        CHECK(can_read(page(&window, i), &seen));
        CHECK_EQUAL(seen, 0xabcd);
    }
    CHECK(can_read(page(&window, COUNT - 1), &seen));
    CHECK_EQUAL(seen, 0xef01);
    return 0;
}
