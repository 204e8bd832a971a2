/* SPDX-License-Identifier: MIT
 * Arguments and lists that another CPU changes while the VMM reads them: each call takes what it
 * read at one time, so that the status is one of the ABI, never more is mapped than fits, and the
 * accounts stay even. */
/* vm: --vcpus 2 */
#include "hostile.h"

#define CALLS 400u
#define PAGES 4u

struct shared {
    uint8_t page[HF_PAGE_SIZE] __attribute__((aligned(4096)));
    struct hf_extent list[2];
    struct hf_window window;
    bool stop;
};

/* In ring 3, where it is fastest: makes one good argument after the other bad and good again. */
static void spoil(void *argument)
{
    struct shared *shared = argument;
    volatile struct hf_map *map = (void *)shared->page;
    volatile struct hf_extent *list = shared->list;
    const uint64_t window = shared->window.handle;

    while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
        map->page_offset = UINT64_MAX;
        map->page_offset = 1;
        map->extents = UINT32_MAX;
        map->extents = 2;
        map->list.value = 1ull << 63;
        map->list.value = (uintptr_t)list;
        list[0].pages = UINT32_MAX;
        list[0].pages = 1;
        map->window = 0;
        map->window = window;
        list[1].first = UINT64_MAX;
        list[1].first = 0x123;
        list[1].object = 77;
        list[1].object = HF_RAM;
        map->page_offset = PAGES - 1;
        map->page_offset = 0;
        map->cache = UINT32_MAX;
        map->cache = HF_CACHE_CACHED;
        map->extents = 1;
    }
}

static void spoiler(void *argument)
{
    nano_try_user(spoil, argument, NULL);
}

static bool unmap(const struct hf_window *window, uint64_t offset, uint64_t pages)
{
    struct hf_unmap call = {
        .window = window->handle, .page_offset = offset, .pages = pages, .tag = TAG};

    return CALL(UNMAP, call) == HF_OK;
}

/* Takes away whatever one MAP has mapped. */
static int clean(const struct hf_window *window)
{
    struct hf_stat stat = {.window = window->handle};

    CHECK_EQUAL(CALL(STAT, stat), HF_OK);
    CHECK_EQUAL(stat.mappings, 1);
    CHECK(stat.extents >= 1 && stat.extents <= 2);
    CHECK_EQUAL(stat.mapped_pages, stat.extents);
    for (uint64_t offset = 0; offset < PAGES; offset++) {
        if (unmap(window, offset, stat.mapped_pages))
            return 0;
    }
    return 1;
}

int guest_main(void)
{
    static struct shared shared;
    struct accounts before;
    struct accounts after;
    unsigned mapped = 0;
    unsigned refused = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 0, &shared.window), HF_OK);
    take_accounts(0, &before);
    shared.list[0] = shared.list[1] = (struct hf_extent){0x123, 1, HF_RAM};
    const struct hf_map map = {.window = shared.window.handle,
                               .list = raw_gpa(shared.list),
                               .extents = 1,
                               .tag = TAG,
                               .cache = HF_CACHE_CACHED};
    memcpy(shared.page, &map, sizeof map);
    nano_run_on(1, spoiler, &shared);
    for (unsigned i = 0; i < CALLS; i++) {
        const uint64_t status = hf_call_at(HF_CALL_MAP, raw_gpa(shared.page));
        CHECK(hostile_known(status));
        if (status == HF_OK)
            CHECK_EQUAL(clean(&shared.window), 0);
        mapped += status == HF_OK;
        refused += status != HF_OK;
    }
    shared.stop = true;
    nano_wait_for(1);
    hf_printf("%u mapped, %u refused\n", mapped, refused);
    take_accounts(0, &after);
    CHECK(same_accounts(&before, &after));
    CHECK_EQUAL(hf_release(&shared.window), HF_OK);
    return 0;
}
