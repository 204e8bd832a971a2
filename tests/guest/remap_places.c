/* SPDX-License-Identifier: MIT
 * REMAP moves a mapping over itself, over a part of itself, elsewhere; makes it longer, shorter;
 * what the old one had and the new one does not cover shows nothing any more. */
#include "access.h"
#include "raw_calls.h"

#define PAGES 12u

static const struct {
    uint64_t offset;
    uint32_t pages;
} places[] = {
    {4, 3},                             /* over itself */
    {4, 3},  {4, 5},                    /* longer */
    {4, 2},                             /* shorter */
    {5, 2},                             /* over its end */
    {4, 2},                             /* over its begin */
    {2, 6},                             /* around it */
    {3, 2},                             /* inside it */
    {8, 4},                             /* elsewhere */
    {0, 1},  {0, 12}, {11, 1}, {10, 1}, /* next to it */
    {11, 1}, {4, 3},
};

static uint64_t *pages;

/* The window shows pages 1, 2, 3 ... at offset, and elsewhere nothing. */
static int check(const struct hf_window *window, uint64_t offset, uint32_t count)
{
    uint64_t seen;

    for (uint64_t i = 0; i < PAGES; i++) {
        const char *at = (const char *)window->address + i * 4096;
        if (i < offset || i >= offset + count) {
            CHECK(read_is_gp(at));
            continue;
        }
        CHECK(can_read(at, &seen));
        CHECK_EQUAL(seen, i - offset + 1);
    }
    return 0;
}

int guest_main(void)
{
    struct hf_window window;
    uint64_t offset = 4;
    uint32_t count = 3;
    void *address;
    struct hf_stat stat;

    CHECK_EQUAL(hf_init(), HF_OK);
    pages = nano_pages(PAGES);
    for (unsigned i = 0; i < PAGES; i++)
        pages[i * 512] = i + 1;
    /* As many extents as the longest needs: the old mapping's count as free. */
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, PAGES, &window), HF_OK);
    struct hf_extent list[PAGES];
    for (unsigned i = 0; i < PAGES; i++)
        list[i] = (struct hf_extent){page_of(pages) + i, 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, offset, list, count, 0, NULL, NULL), HF_OK);

    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        CHECK_EQUAL(hf_remap(&window, offset, count, places[i].offset, list, places[i].pages, 0,
                             NULL, &address),
                    HF_OK);
        CHECK(address == (char *)window.address + places[i].offset * 4096);
        offset = places[i].offset;
        count = places[i].pages;
        if (check(&window, offset, count) != 0) {
            hf_printf("place %u\n", i);
            return 1;
        }
        CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
        CHECK_EQUAL(stat.mapped_pages, count);
        CHECK_EQUAL(stat.extents, count);
        CHECK_EQUAL(stat.mappings, 1);
    }
    CHECK_EQUAL(hf_unmap(&window, offset, count), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
