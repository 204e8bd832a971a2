/* SPDX-License-Identifier: MIT
 * One list may mix RAM and several objects, in any order and with pages named twice. */
/* vm: --object name=a,size=1M --object name=b,size=1M */
#include "access.h"
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_window window;
    struct hf_object_open a;
    struct hf_object_open b;
    uint64_t *pages = nano_pages(3);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("a", &a), HF_OK);
    CHECK_EQUAL(hf_object_open("b", &b), HF_OK);
    CHECK(a.id != b.id);
    CHECK_EQUAL(hf_reserve(16 * 4096, TAG, 0, 0, &window), HF_OK);

    /* Give every page of the three a number: 1000, 2000, 3000 and so many. */
    const struct hf_extent whole[] = {{page_of(pages), 3, HF_RAM}, {7, 3, a.id}, {7, 3, b.id}};
    CHECK_EQUAL(hf_map(&window, 0, whole, 3, 0, NULL, NULL), HF_OK);
    for (unsigned i = 0; i < 9; i++)
        CHECK(can_write((char *)window.address + i * 4096, 1000 * (i / 3 + 1) + i % 3));
    CHECK_EQUAL(hf_unmap(&window, 0, 9), HF_OK);

    const uint64_t ram = page_of(pages);
    const struct hf_extent mixed[] = {{9, 1, b.id},         {ram + 1, 2, HF_RAM}, {7, 2, a.id},
                                      {ram, 1, HF_RAM},     {9, 1, a.id},         {7, 1, b.id},
                                      {ram + 1, 1, HF_RAM}, {9, 1, b.id},         {8, 1, a.id}};
    static const uint64_t wanted[] = {3002, 1001, 1002, 2000, 2001, 1000,
                                      2002, 3000, 1001, 3002, 2001};
    CHECK_EQUAL(hf_map(&window, 2, mixed, 9, 0, NULL, NULL), HF_OK);
    for (unsigned i = 0; i < 11; i++) {
        CHECK(can_read((char *)window.address + (2 + i) * 4096, &seen));
        CHECK_EQUAL(seen, wanted[i]);
    }
    /* A page named twice is one page. */
    CHECK(can_write((char *)window.address + 2 * 4096, 42));
    CHECK(can_read((char *)window.address + 11 * 4096, &seen));
    CHECK_EQUAL(seen, 42);
    CHECK(read_is_gp((char *)window.address + 4096));
    CHECK(read_is_gp((char *)window.address + 13 * 4096));
    CHECK_EQUAL(hf_unmap(&window, 2, 11), HF_OK);
    return 0;
}
