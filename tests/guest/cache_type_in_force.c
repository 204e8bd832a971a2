/* SPDX-License-Identifier: MIT
 * A page that is mapped anywhere keeps its cache type: MAP answers the type in force and the
 * guest's page tables say the same. Where the pages of a list differ, the strictest type holds. */
/* vm: --object name=disk,size=1M */
#include "access.h"
#include "raw_calls.h"

#define BITS_CACHED         0x00u
#define BITS_WRITE_COMBINED 0x08u
#define BITS_NONCACHED      0x18u
#define PTE_WRITE           0x02u

static const uint64_t bits[] = {BITS_NONCACHED, BITS_CACHED, BITS_WRITE_COMBINED};
static struct hf_window window;

/* Maps a list at an offset and checks the answer, the page tables and that the pages are there. */
static int map(uint64_t offset, const struct hf_extent *list, uint32_t count, uint32_t flags,
               enum hf_cache asked, enum hf_cache in_force)
{
    enum hf_cache cache = asked;
    void *address;
    uint64_t pages = 0;

    CHECK_EQUAL(hf_map(&window, offset, list, count, flags, &cache, &address), HF_OK);
    CHECK_EQUAL(cache, in_force);
    for (uint32_t i = 0; i < count; i++)
        pages += list[i].pages;
    for (uint64_t i = 0; i < pages; i++) {
        const void *at = (const char *)address + i * 4096;
        CHECK_EQUAL(*nano_pte(at) & 0x98, bits[in_force]);
        CHECK_EQUAL((*nano_pte(at) & PTE_WRITE) == 0, (flags & HF_MAP_READ_ONLY) != 0);
        CHECK(can_read(at, NULL));
    }
    return 0;
}

#define MAP(...)             CHECK_EQUAL(map(__VA_ARGS__), 0)
#define UNMAP(offset, pages) CHECK_EQUAL(hf_unmap(&window, offset, pages), HF_OK)

int guest_main(void)
{
    const enum hf_cache N = HF_CACHE_NONCACHED;
    const enum hf_cache C = HF_CACHE_CACHED;
    const enum hf_cache W = HF_CACHE_WRITE_COMBINED;
    struct hf_object_open disk;
    const uint64_t page = page_of(nano_pages(10));
    const struct hf_extent a = {page, 1, HF_RAM};
    const struct hf_extent b = {page + 1, 1, HF_RAM};
    const struct hf_extent all[] = {{page, 5, HF_RAM}, {page + 5, 5, HF_RAM}};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("disk", &disk), HF_OK);
    CHECK_EQUAL(hf_reserve(64 * 4096, TAG, 0, 0, &window), HF_OK);

    /* Pages that are mapped nowhere take the type asked for, each time anew. */
    for (unsigned type = 0; type < 3; type++) {
        MAP(0, &a, 1, 0, (enum hf_cache)type, (enum hf_cache)type);
        UNMAP(0, 1);
    }
    /* Whatever is asked for, the first mapping decides; also for a read-only one. */
    for (unsigned first = 0; first < 3; first++) {
        MAP(0, &a, 1, first == 1 ? HF_MAP_READ_ONLY : 0, (enum hf_cache)first,
            (enum hf_cache)first);
        for (unsigned asked = 0; asked < 3; asked++) {
            MAP(20 + asked, &a, 1, asked == 2 ? HF_MAP_READ_ONLY : 0, (enum hf_cache)asked,
                (enum hf_cache)first);
        }
        UNMAP(0, 1); /* the others still hold the type */
        MAP(0, &a, 1, 0, W, (enum hf_cache)first);
        UNMAP(0, 1);
        UNMAP(20, 1);
        UNMAP(21, 1);
        UNMAP(22, 1);
    }

    /* One page in the middle of a longer list, and the strictest of several. */
    MAP(0, &b, 1, 0, W, W);
    MAP(30, all, 2, 0, C, W);
    UNMAP(30, 10);
    const struct hf_extent ninth = {page + 9, 1, HF_RAM};
    MAP(1, &ninth, 1, 0, N, N);
    MAP(30, all, 2, 0, C, N);
    MAP(50, &a, 1, 0, C, N); /* all ten are non-cached now */
    UNMAP(30, 10);
    UNMAP(50, 1);
    UNMAP(1, 1);
    MAP(30, all, 2, 0, N, W);
    UNMAP(30, 10);
    UNMAP(0, 1);
    const struct hf_extent c = {page + 2, 1, HF_RAM};
    MAP(0, &c, 1, 0, C, C);
    MAP(1, &b, 1, 0, W, W);
    const struct hf_extent both[] = {c, b};
    MAP(30, both, 2, 0, N, W);
    UNMAP(30, 2);
    UNMAP(0, 1);
    UNMAP(1, 1);

    /* The old mapping has no say in what a REMAP gets. */
    MAP(0, &a, 1, 0, N, N);
    enum hf_cache cache = HF_CACHE_WRITE_COMBINED;
    CHECK_EQUAL(hf_remap(&window, 0, 1, 0, &a, 1, 0, &cache, NULL), HF_OK);
    CHECK_EQUAL(cache, HF_CACHE_WRITE_COMBINED);
    CHECK_EQUAL(*nano_pte(window.address) & 0x98, BITS_WRITE_COMBINED);
    UNMAP(0, 1);

    /* A page of RAM and the page of an object with the same number are different pages. */
    const struct hf_extent object = {3, 1, disk.id};
    const struct hf_extent third = {3, 1, HF_RAM};
    MAP(0, &object, 1, 0, N, N);
    MAP(1, &third, 1, 0, C, C);
    MAP(2, &object, 1, 0, C, N);
    const struct hf_extent mixed[] = {third, object};
    MAP(3, mixed, 2, 0, W, N);
    return 0;
}
