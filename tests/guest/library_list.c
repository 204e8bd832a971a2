/* SPDX-License-Identifier: MIT
 * hf_map() takes lists that it copies from wherever they lie, and longer ones that lie together in
 * RAM; a long list that does not is HF_GUEST_LIST_APART, one beyond the limit HF_TOO_LARGE. */
#include "access.h"
#include "raw_calls.h"

#define MANY (4 * HF_LIST_COPIED)

static struct hf_extent list[MANY] __attribute__((aligned(8)));

int guest_main(void)
{
    static const uint32_t counts[] = {1, HF_LIST_COPIED - 1, HF_LIST_COPIED, HF_LIST_COPIED + 1,
                                      MANY};
    struct hf_window window;
    struct hf_window shown;
    uint64_t *pages = nano_pages(2);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    pages[0] = 1;
    pages[512] = 2;
    for (uint32_t i = 0; i < MANY; i++)
        list[i] = (struct hf_extent){page_of(pages), 1, HF_RAM};
    CHECK_EQUAL(hf_reserve(MANY * 4096ull, TAG, 0, 0, &window), HF_OK);
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        const uint32_t count = counts[i];
        void *address;
        list[count - 1].first = page_of(pages) + 1;
        CHECK_EQUAL(hf_map(&window, 0, list, count, 0, NULL, &address), HF_OK);
        CHECK(can_read((char *)address + (count - 1) * 4096ull, &seen));
        CHECK_EQUAL(seen, 2);
        CHECK(count == MANY || read_is_gp((char *)address + count * 4096ull));
        list[count - 1].first = page_of(pages);
        CHECK_EQUAL(hf_remap(&window, 0, count, 0, list, count, 0, NULL, NULL), HF_OK);
        CHECK(can_read((char *)address + (count - 1) * 4096ull, &seen));
        CHECK_EQUAL(seen, 1);
        CHECK_EQUAL(hf_unmap(&window, 0, count), HF_OK);
    }

    /* Lists in a window: their addresses are none that the VMM would read. */
    const struct hf_extent where = {page_of(list), MANY * sizeof list[0] / 4096 + 1, HF_RAM};
    CHECK_EQUAL(hf_reserve(where.pages * 4096ull, TAG, 0, 0, &shown), HF_OK);
    CHECK_EQUAL(hf_map(&shown, 0, &where, 1, 0, NULL, NULL), HF_OK);
    const struct hf_extent *const seen_list =
        (void *)((char *)shown.address + (uintptr_t)list % 4096);
    CHECK_EQUAL(seen_list[3].first, page_of(pages));
    CHECK_EQUAL(hf_map(&window, 0, seen_list, HF_LIST_COPIED, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 0, HF_LIST_COPIED), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, seen_list, MANY, 0, NULL, NULL), HF_BAD_ADDRESS);

    CHECK_EQUAL(hf_map(&window, 0, list, HF_LIST_MAX + 1, 0, NULL, NULL), HF_TOO_LARGE);
    CHECK_EQUAL(hf_map(&window, 0, list, UINT32_MAX, 0, NULL, NULL), HF_TOO_LARGE);
    CHECK_EQUAL(hf_map(&window, 0, (void *)0x123456789000, MANY, 0, NULL, NULL),
                HF_GUEST_LIST_APART);
    CHECK_EQUAL(hf_map(&window, 0, list, 0, 0, NULL, NULL), HF_EMPTY_LIST);
    return 0;
}
