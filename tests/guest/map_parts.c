/* SPDX-License-Identifier: MIT
 * Parts of a window are mapped and unmapped independently of one another, in any order; two
 * windows may show one page. */
#include "access.h"
#include "raw_calls.h"

#define PAGES 12u

static uint64_t *pages;

/* Whether the window shows the page of this number, or nothing (0). */
static bool shows(const struct hf_window *window, uint64_t offset, uint64_t wanted)
{
    const char *at = (const char *)window->address + offset * 4096;
    uint64_t seen;

    return wanted == 0 ? read_is_gp(at) : can_read(at, &seen) && seen == wanted;
}

static int map(struct hf_window *window, uint64_t offset, uint64_t number, uint32_t count)
{
    const struct hf_extent list = {page_of(pages) + number - 1, count, HF_RAM};

    return hf_map(window, offset, &list, 1, 0, NULL, NULL);
}

int guest_main(void)
{
    static const uint64_t first[PAGES] = {1, 2, 0, 3, 0, 4, 5, 6, 0, 0, 0, 1};
    static const uint64_t second[PAGES] = {0, 0, 8, 3, 7, 0, 0, 0, 0, 1, 2, 1};
    struct hf_window a;
    struct hf_window b;

    CHECK_EQUAL(hf_init(), HF_OK);
    pages = nano_pages(8);
    for (unsigned i = 0; i < 8; i++)
        pages[i * 512] = i + 1;
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 0, &a), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 0, &b), HF_OK);

    CHECK_EQUAL(map(&a, 5, 4, 3), HF_OK);
    CHECK_EQUAL(map(&a, 0, 1, 2), HF_OK);
    CHECK_EQUAL(map(&a, 11, 1, 1), HF_OK);
    CHECK_EQUAL(map(&a, 3, 3, 1), HF_OK);
    for (unsigned i = 0; i < PAGES; i++) {
        CHECK(shows(&a, i, first[i]));
        CHECK(shows(&b, i, 0));
    }
    CHECK_EQUAL(map(&a, 2, 1, 2), HF_MAP_OVERLAP);
    CHECK_EQUAL(map(&a, 4, 1, 2), HF_MAP_OVERLAP);
    CHECK_EQUAL(map(&a, 6, 1, 1), HF_MAP_OVERLAP);
    CHECK_EQUAL(map(&a, 0, 1, 8), HF_MAP_OVERLAP);
    CHECK_EQUAL(map(&a, 10, 1, 2), HF_MAP_OVERLAP);

    CHECK_EQUAL(hf_unmap(&a, 0, 2), HF_OK);
    CHECK_EQUAL(hf_unmap(&a, 5, 3), HF_OK);
    CHECK_EQUAL(map(&a, 4, 7, 1), HF_OK);
    CHECK_EQUAL(map(&a, 2, 8, 1), HF_OK);
    CHECK_EQUAL(map(&a, 9, 1, 2), HF_OK);
    for (unsigned i = 0; i < PAGES; i++)
        CHECK(shows(&a, i, second[i]));

    /* One page, in two windows and twice in one. */
    CHECK_EQUAL(map(&b, 7, 1, 1), HF_OK);
    CHECK(can_write((char *)b.address + 7 * 4096, 99));
    CHECK(shows(&a, 11, 99) && shows(&a, 9, 99) && shows(&b, 7, 99));
    CHECK_EQUAL(hf_unmap(&a, 11, 1), HF_OK);
    CHECK(shows(&a, 9, 99) && shows(&b, 7, 99) && shows(&a, 11, 0));
    CHECK_EQUAL(hf_unmap(&a, 9, 2), HF_OK);
    CHECK(shows(&b, 7, 99));
    return 0;
}
