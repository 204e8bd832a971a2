/* SPDX-License-Identifier: MIT
 * UNMAP takes exactly what one MAP made; anything else has a status of its own and leaves all
 * mappings in place. */
#include "access.h"
#include "raw_calls.h"

#define PAGES 10u

static const struct {
    uint64_t offset;
    uint64_t pages;
    int status;
} bad[] = {
    /* Mapped are 2 to 4 by one MAP, 5 by another. */
    {2, 0, HF_UNMAP_NOT_ONE_MAP},
    {0, 0, HF_UNMAP_NOT_ONE_MAP},
    {2, 1, HF_UNMAP_NOT_ONE_MAP},
    {2, 2, HF_UNMAP_NOT_ONE_MAP},
    {3, 1, HF_UNMAP_NOT_ONE_MAP},
    {3, 2, HF_UNMAP_NOT_ONE_MAP},
    {4, 2, HF_UNMAP_NOT_ONE_MAP},
    {2, 4, HF_UNMAP_NOT_ONE_MAP},
    {1, 1, HF_UNMAP_NOT_MAPPED},
    {1, 4, HF_UNMAP_NOT_MAPPED},
    {2, 5, HF_UNMAP_NOT_MAPPED},
    {5, 2, HF_UNMAP_NOT_MAPPED},
    {6, 1, HF_UNMAP_NOT_MAPPED},
    {0, 10, HF_UNMAP_NOT_MAPPED},
    {0, 11, HF_UNMAP_BEYOND},
    {2, 9, HF_UNMAP_BEYOND},
    {9, 2, HF_UNMAP_BEYOND},
    {10, 1, HF_UNMAP_BEYOND},
    {1ull << 32, 3, HF_UNMAP_BEYOND},
    {2 | 1ull << 32, 3, HF_UNMAP_BEYOND},
    {2, 3 | 1ull << 32, HF_UNMAP_BEYOND},
    {2, 1ull << 52, HF_UNMAP_BEYOND},
    {UINT64_MAX, 1, HF_UNMAP_BEYOND},
    {UINT64_MAX, 4, HF_UNMAP_BEYOND},
    {1, UINT64_MAX, HF_UNMAP_BEYOND},
    {3, UINT64_MAX, HF_UNMAP_BEYOND},
    {UINT64_MAX, UINT64_MAX, HF_UNMAP_BEYOND},
};

int guest_main(void)
{
    struct hf_window window;
    uint64_t *pages = nano_pages(4);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 0, &window), HF_OK);
    for (unsigned i = 0; i < 4; i++)
        pages[i * 512] = i + 100;
    const struct hf_extent list[] = {{page_of(pages), 3, HF_RAM}, {page_of(pages) + 3, 1, HF_RAM}};
    CHECK_EQUAL(hf_map(&window, 2, &list[0], 1, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 5, &list[1], 1, 0, NULL, NULL), HF_OK);

    const struct hf_unmap good = {
        .window = window.handle, .page_offset = 2, .pages = 3, .tag = TAG};
    struct hf_unmap call;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        call = good;
        call.page_offset = bad[i].offset;
        call.pages = bad[i].pages;
        if (!raw_refused(window.handle, HF_CALL_UNMAP, &call, sizeof call, bad[i].status)) {
            hf_printf("FAILED: case %u\n", i);
            return 1;
        }
    }
    call = good;
    call.tag = TAG + 1;
    CHECK_REFUSED(window.handle, UNMAP, call, HF_UNMAP_WRONG_TAG);
    call.tag = 0;
    CHECK_REFUSED(window.handle, UNMAP, call, HF_UNMAP_WRONG_TAG);
    call = good;
    call.window = 0;
    CHECK_REFUSED(window.handle, UNMAP, call, HF_UNMAP_NO_WINDOW);
    call = good;
    call.zero = 1;
    CHECK_REFUSED(window.handle, UNMAP, call, HF_BAD_FLAGS);
    for (unsigned i = 0; i < 4; i++) {
        CHECK(can_read((char *)window.address + (2 + i) * 4096, &seen));
        CHECK_EQUAL(seen, i + 100);
    }

    call = good;
    CHECK_EQUAL(CALL(UNMAP, call), HF_OK);
    for (unsigned i = 2; i < 5; i++)
        CHECK(read_is_gp((char *)window.address + i * 4096));
    CHECK(can_read((char *)window.address + 5 * 4096, &seen));
    CHECK_EQUAL(seen, 103);
    CHECK_REFUSED(window.handle, UNMAP, good, HF_UNMAP_NOT_MAPPED);
    CHECK_EQUAL(hf_unmap(&window, 5, 1), HF_OK);
    return 0;
}
