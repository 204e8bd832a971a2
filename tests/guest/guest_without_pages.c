/* SPDX-License-Identifier: MIT
 * A guest that has handed out all its pages still maps, remaps, unmaps and releases: the guest
 * library needs none after RESERVE. */
/* vm: --memory 6M */
#include "access.h"
#include "guest/lib/platform.h"
#include "holdfast/guest.h"
#include "nano.h"

#define TAG_OWN 0x45474150u /* "PAGE" */
#define PAGES   64u
#define LONG    (HF_LIST_COPIED + 40u) /* more than the library copies */

static struct hf_window window;
static uint64_t *sources;
static struct hf_extent *list;

/* Whole pages first, then what is left in the allocator's pieces. */
static uint64_t take_everything(void)
{
    uint64_t taken = 0;

    for (size_t count = 1024; count > 0; count /= 2)
        while (nano_pages(count) != NULL)
            taken += count;
    for (size_t bytes = 2048; bytes >= 32; bytes /= 2)
        while (hf_platform_alloc(bytes, 8) != NULL)
            ;
    return taken;
}

static void make_list(uint32_t count, uint32_t first)
{
    for (uint32_t i = 0; i < count; i++)
        list[i] = (struct hf_extent){(uintptr_t)sources / HF_PAGE_SIZE + (first + 3 * i) % PAGES, 1,
                                     HF_RAM};
}

static int shows(const uint64_t *address, uint32_t count, uint32_t first)
{
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQUAL(address[i * (HF_PAGE_SIZE / 8)], (first + 3 * i) % PAGES);
    return 0;
}

static int use_window(uint32_t count)
{
    void *address;

    for (uint32_t round = 0; round < 5; round++) {
        make_list(count, round);
        CHECK_EQUAL(hf_map(&window, round, list, count, 0, NULL, &address), HF_OK);
        CHECK_EQUAL(shows(address, count, round), 0);
        make_list(count, round + 1);
        CHECK_EQUAL(hf_remap(&window, round, count, round + 1, list, count, 0, NULL, &address),
                    HF_OK);
        CHECK_EQUAL(shows(address, count, round + 1), 0);
        CHECK_EQUAL(hf_unmap(&window, round + 1, count), HF_OK);
        CHECK(read_is_gp(address));
    }
    return 0;
}

int guest_main(void)
{
    struct hf_window another;

    CHECK_EQUAL(hf_init(), HF_OK);
    sources = nano_pages(PAGES);
    list = nano_pages(1 + LONG * sizeof list[0] / HF_PAGE_SIZE);
    CHECK(sources != NULL && list != NULL);
    for (uint64_t i = 0; i < PAGES; i++)
        sources[i * (HF_PAGE_SIZE / 8)] = i;
    CHECK_EQUAL(hf_reserve((LONG + PAGES) * HF_PAGE_SIZE, TAG_OWN, 0, 0, &window), HF_OK);

    CHECK(take_everything() > 0);
    CHECK(nano_pages(1) == NULL);
    CHECK_EQUAL(nano_pages_free(), 0);
    /* RESERVE may fail now; nothing else may. */
    CHECK_EQUAL(hf_reserve(1ull << 26, TAG_OWN, 0, 1, &another), HF_GUEST_NO_MEMORY);
    CHECK_EQUAL(use_window(1), 0);
    CHECK_EQUAL(use_window(16), 0);
    CHECK_EQUAL(use_window(LONG), 0);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
