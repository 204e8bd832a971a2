/* SPDX-License-Identifier: MIT
 * Pages that are neither RAM nor part of an object are refused, whatever numbers say where they
 * lie: one beyond the end, sums that wrap, numbers that overflow when made into addresses. */
/* vm: --memory 8M */
/* vm: --object name=disk,size=1M */
#include "access.h"
#include "raw_calls.h"

#define RAM_PAGES  0x800u /* 8 MiB */
#define DISK_PAGES 256u
#define HOLE_PAGE  0xc0000u
#define ABOVE_PAGE 0x100000u

static struct hf_extent bad[] = {
    {RAM_PAGES, 1, HF_RAM},
    {RAM_PAGES - 1, 2, HF_RAM},
    {0, RAM_PAGES + 1, HF_RAM},
    {RAM_PAGES - 1, UINT32_MAX, HF_RAM},
    {0, UINT32_MAX, HF_RAM},
    {1, UINT32_MAX, HF_RAM},
    {HOLE_PAGE, 1, HF_RAM},
    {HOLE_PAGE - 1, 1, HF_RAM},
    {0xfee00, 1, HF_RAM}, /* the local APIC */
    {ABOVE_PAGE, 1, HF_RAM},
    {ABOVE_PAGE - 1, 2, HF_RAM},
    {1ull << 32, 1, HF_RAM},
    {1ull << 40, 1, HF_RAM},
    {(1ull << 52) - 1, 1, HF_RAM},
    {1ull << 52, 1, HF_RAM},
    {(1ull << 52) + 16, 1, HF_RAM}, /* page 16 when shifted */
    {1ull << 63, 1, HF_RAM},
    {UINT64_MAX, 1, HF_RAM},
    {UINT64_MAX, 2, HF_RAM},
    {UINT64_MAX - 1, 3, HF_RAM},
    {0 - (uint64_t)UINT32_MAX, UINT32_MAX, HF_RAM},
    {1 - (uint64_t)UINT32_MAX, UINT32_MAX, HF_RAM},
    {0, 1, 2}, /* no such object */
    {0, 1, 0x80000001},
    {0, 1, UINT32_MAX},
};

static struct hf_extent bad_of_object[] = {
    {DISK_PAGES, 1, 0},       {DISK_PAGES - 1, 2, 0}, {0, DISK_PAGES + 1, 0},
    {0, UINT32_MAX, 0},       {1ull << 40, 1, 0},     {(1ull << 40) - 1, 2, 0},
    {0 - (1ull << 40), 1, 0}, {1ull << 52, 1, 0},     {UINT64_MAX, 1, 0},
    {UINT64_MAX, 2, 0},       {1ull << 63, 1, 0},     {1 - (uint64_t)UINT32_MAX, UINT32_MAX, 0},
};

static bool all_refused(const struct hf_map *call, const struct hf_extent *list, unsigned count)
{
    struct hf_map one = *call;

    for (unsigned i = 0; i < count; i++) {
        one.list = raw_gpa(&list[i]);
        if (!raw_refused(call->window, HF_CALL_MAP, &one, sizeof one, HF_BAD_PAGE)) {
            hf_printf("extent {0x%llx, 0x%x, %u}\n", (unsigned long long)list[i].first,
                      list[i].pages, list[i].object);
            return false;
        }
    }
    return true;
}

int guest_main(void)
{
    struct hf_window window;
    struct hf_reserve large = {.bytes = 0x5000 * 4096ull, .tag = TAG, .max_extents = 2};
    struct hf_object_open disk;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("disk", &disk), HF_OK);
    CHECK_EQUAL(disk.id, 1);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(CALL(RESERVE, large), HF_OK);
    struct hf_map call = {
        .window = large.window, .extents = 1, .tag = TAG, .cache = HF_CACHE_CACHED};

    CHECK(all_refused(&call, bad, sizeof bad / sizeof bad[0]));
    for (unsigned i = 0; i < sizeof bad_of_object / sizeof bad_of_object[0]; i++)
        bad_of_object[i].object = disk.id;
    CHECK(all_refused(&call, bad_of_object, sizeof bad_of_object / sizeof bad_of_object[0]));

    /* A window's own pages are no RAM either, mapped or not. */
    struct hf_extent ends[] = {{page_of(window.address), 1, HF_RAM}};
    CHECK(all_refused(&call, ends, 1));
    ends[0] = (struct hf_extent){0, 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, 0, ends, 1, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    ends[0] = (struct hf_extent){page_of(window.address), 1, HF_RAM};
    CHECK(all_refused(&call, ends, 1));

    /* The last pages of RAM and object, and all of them, are good. */
    const struct hf_extent good[] = {{RAM_PAGES - 1, 1, HF_RAM}, {DISK_PAGES - 1, 1, disk.id}};
    CHECK_EQUAL(hf_map(&window, 1, good, 2, 0, NULL, NULL), HF_OK);
    CHECK(can_write((char *)window.address + 4096, 0x77));
    CHECK_EQUAL(*(volatile uint64_t *)((RAM_PAGES - 1) * 4096ull), 0x77);
    CHECK(can_write((char *)window.address + 2 * 4096, 0x78));
    const struct hf_extent whole[] = {{0, RAM_PAGES, HF_RAM}, {0, DISK_PAGES, disk.id}};
    call.list = raw_gpa(whole);
    call.extents = 2;
    CHECK_EQUAL(CALL(MAP, call), HF_OK);
    CHECK_EQUAL(call.pages, RAM_PAGES + DISK_PAGES);
    return 0;
}
