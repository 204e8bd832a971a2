/* SPDX-License-Identifier: MIT
 * How long a MAP takes while operators are at work on a VM with many extents. Maps the object
 * "bench" in so many extents as are left, 30,000 at most, and says "ready N extents". Then it does
 * what each byte from the console asks for. m: MAPs and UNMAPs a few pages, often. d: the same,
 * from when the object is gone until another byte comes. p: prints "p50 N p99 N p99.9 N max N", in
 * ticks of the time-stamp counter, and begins anew. o: maps the object again and says "ready N
 * extents". q: ends. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG     0x636e6562u
#define EXTENTS 30000u
#define LEFT    64u  /* extents for what is timed */
#define LIST    500u /* extents in each MAP of the object */
#define PAGES   4u   /* in a MAP that is timed, scattered */
#define TIMES   20000u
#define STEPS   16u /* of the histogram, for each power of two */
#define BUCKETS (64u * STEPS)

static struct hf_window crowd, window;
static void *argument_page;
static struct hf_extent *list;
static struct hf_extent *timed;
static uint32_t extents;
static uint64_t took[BUCKETS], maps, slowest;

static void note_time(uint64_t ticks)
{
    const uint32_t power = 63u - (uint32_t)__builtin_clzll(ticks | STEPS);

    took[power * STEPS + (ticks >> (power - 4)) % STEPS]++;
    maps++;
    if (ticks > slowest)
        slowest = ticks;
}

/* The ticks that so many in a thousand MAPs took at most. */
static uint64_t ticks_of(uint64_t thousandths)
{
    uint64_t left = maps * thousandths / 1000;
    uint32_t bucket = 0;

    while (bucket < BUCKETS - 1 && left > took[bucket])
        left -= took[bucket++];
    return (STEPS + bucket % STEPS + 1) << (bucket / STEPS) >> 4;
}

static void print_times(void)
{
    hf_printf("p50 %lu p99 %lu p99.9 %lu max %lu\n", ticks_of(500), ticks_of(990), ticks_of(999),
              slowest);
    memset(took, 0, sizeof took);
    maps = 0;
    slowest = 0;
}

/* Without the guest's own page tables: only what the VMM takes. */
static int map_once(void)
{
    struct hf_map *map = argument_page;
    struct hf_unmap *unmap = argument_page;

    *map = (struct hf_map){.window = window.handle,
                           .list = {(uintptr_t)timed},
                           .extents = PAGES,
                           .tag = TAG,
                           .cache = HF_CACHE_CACHED};
    const uint64_t start = nano_tsc();
    const uint64_t status = hf_call_at(HF_CALL_MAP, (hf_gpa){(uintptr_t)argument_page});
    note_time(nano_tsc() - start);
    CHECK_EQUAL(status, HF_OK);
    *unmap = (struct hf_unmap){.window = window.handle, .pages = PAGES, .tag = TAG};
    CHECK_EQUAL(hf_call_at(HF_CALL_UNMAP, (hf_gpa){(uintptr_t)argument_page}), HF_OK);
    return 0;
}

static int map_often(void)
{
    for (uint32_t i = 0; i < TIMES; i++)
        CHECK_EQUAL(map_once(), 0);
    return 0;
}

static int map_during_detach(void)
{
    struct hf_object_open object;

    while (hf_object_open("bench", &object) == HF_OK)
        ;
    while (nano_getchar() < 0)
        for (uint32_t i = 0; i < 16; i++)
            CHECK_EQUAL(map_once(), 0);
    return 0;
}

/* By turns of two pages that are no neighbours, so that each is an extent. */
static int map_object(bool again)
{
    struct hf_object_open object;
    void *address;

    CHECK_EQUAL(hf_object_open("bench", &object), HF_OK);
    for (uint32_t i = 0; i < LIST; i++)
        list[i] = (struct hf_extent){2 * (i % 2), 1, object.id};
    for (uint32_t at = 0; at < extents; at += LIST) {
        const uint32_t count = extents - at < LIST ? extents - at : LIST;
        if (again) /* what is gone is to be unmapped all the same */
            CHECK_EQUAL(hf_unmap(&crowd, at, count), HF_OK);
        CHECK_EQUAL(hf_map(&crowd, at, list, count, 0, NULL, &address), HF_OK);
    }
    hf_printf("ready %u extents\n", extents);
    return 0;
}

static int set_up(void)
{
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK(info.extents_free > LEFT);
    extents = info.extents_free - LEFT < EXTENTS ? info.extents_free - LEFT : EXTENTS;
    list = nano_pages(LIST * sizeof *list / HF_PAGE_SIZE + 1);
    timed = nano_pages(1);
    argument_page = nano_pages(1);
    char *pages = nano_pages(2 * PAGES);
    CHECK(list != NULL && timed != NULL && argument_page != NULL && pages != NULL);
    for (uint32_t i = 0; i < PAGES; i++)
        timed[i] = (struct hf_extent){(uintptr_t)pages / HF_PAGE_SIZE + 2 * i, 1, HF_RAM};
    CHECK_EQUAL(hf_reserve(PAGES * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_reserve(extents * HF_PAGE_SIZE, TAG, 0, extents, &crowd), HF_OK);
    return 0;
}

int guest_main(void)
{
    int byte;

    if (set_up() != 0 || map_object(false) != 0)
        return 1;
    while ((byte = nano_wait_for_byte()) != 'q') {
        int result = 0;
        if (byte == 'm')
            result = map_often();
        else if (byte == 'd')
            result = map_during_detach();
        else if (byte == 'o')
            result = map_object(true);
        else if (byte == 'p')
            print_times();
        if (result != 0)
            return 1;
    }
    return 0;
}
