/* SPDX-License-Identifier: MIT
 * Arguments and lists that another CPU changes while the VMM reads them: each call takes what it
 * read at one time, so that the status is one of the ABI, never more is mapped than fits, and the
 * accounts stay even. */
/* vm: --vcpus 2 */
#include "hostile.h"

#define CALLS_EACH 40u
#define PAGES      4u

typedef uint32_t __attribute__((may_alias)) word;

/* A word of the arguments that is now good, now bad. */
struct target {
    volatile word *at;
    uint32_t good;
    uint32_t bad;
};

static struct shared {
    struct hf_map map __attribute__((aligned(4096)));
    struct hf_extent list[2];
    struct target target;
    bool stop;
} shared __attribute__((aligned(4096)));

/* In ring 3, where it is fastest. */
static void spoil(void *argument)
{
    const struct target target = shared.target;

    (void)argument;
    while (!__atomic_load_n(&shared.stop, __ATOMIC_RELAXED)) {
        *target.at = target.bad;
        *target.at = target.good;
    }
}

static void spoiler(void *argument)
{
    nano_try_user(spoil, argument, NULL);
}

/* Takes away what one MAP has mapped. */
static int clean(const struct hf_window *window)
{
    struct hf_stat stat = {.window = window->handle};

    CHECK_EQUAL(CALL(STAT, stat), HF_OK);
    CHECK_EQUAL(stat.mappings, 1);
    CHECK(stat.extents >= 1 && stat.extents <= 2);
    CHECK(stat.mapped_pages >= 1 && stat.mapped_pages <= PAGES);
    for (uint64_t offset = 0; offset + stat.mapped_pages <= PAGES; offset++) {
        struct hf_unmap call = {.window = window->handle,
                                .page_offset = offset,
                                .pages = stat.mapped_pages,
                                .tag = TAG};
        if (CALL(UNMAP, call) == HF_OK)
            return 0;
    }
    return 1;
}

static int race(const struct hf_window *window, const struct target *target, unsigned *mapped)
{
    const struct hf_map good = {.window = window->handle,
                                .list = raw_gpa(shared.list),
                                .extents = 1,
                                .tag = TAG,
                                .cache = HF_CACHE_CACHED};

    shared.list[0] = shared.list[1] = (struct hf_extent){page_of(raw_pages), 1, HF_RAM};
    shared.map = good;
    shared.target = *target;
    shared.stop = false;
    nano_run_on(1, spoiler, NULL);
    for (unsigned i = 0; i < CALLS_EACH; i++) {
        const uint64_t status = hf_call_at(HF_CALL_MAP, raw_gpa(&shared.map));
        CHECK(hostile_known(status));
        if (status == HF_OK) {
            ++*mapped;
            CHECK_EQUAL(clean(window), 0);
        }
    }
    __atomic_store_n(&shared.stop, true, __ATOMIC_RELAXED);
    nano_wait_for(1);
    return 0;
}

static volatile word *low(uint64_t *member)
{
    return (volatile word *)member;
}

static volatile word *high(uint64_t *member)
{
    return (volatile word *)member + 1;
}

int guest_main(void)
{
    struct hf_window window;
    struct accounts before;
    struct accounts after;
    unsigned mapped = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 0, &window), HF_OK);
    take_accounts(0, &before);
    const struct target targets[] = {
        {low(&shared.map.window), (uint32_t)window.handle, 0},
        {low(&shared.map.page_offset), 0, UINT32_MAX},
        {low(&shared.map.page_offset), 0, PAGES - 1},
        {high(&shared.map.list.value), 0, 0x80000000},
        {&shared.map.extents, 1, 2},
        {&shared.map.extents, 1, HF_LIST_MAX + 1},
        {&shared.map.extents, 1, UINT32_MAX},
        {&shared.map.cache, HF_CACHE_CACHED, UINT32_MAX},
        {&shared.list[0].pages, 1, 0},
        {&shared.list[0].pages, 1, UINT32_MAX},
        {high(&shared.list[0].first), 0, UINT32_MAX},
        {&shared.list[0].object, HF_RAM, 77},
    };
    for (unsigned i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (race(&window, &targets[i], &mapped) != 0) {
            hf_printf("target %u\n", i);
            return 1;
        }
    }
    hf_printf("%u mapped\n", mapped);
    take_accounts(0, &after);
    CHECK(same_accounts(&before, &after));
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
