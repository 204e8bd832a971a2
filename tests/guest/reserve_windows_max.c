/* SPDX-License-Identifier: MIT
 * As many windows as INFO says can exist at once and are all usable; one more is
 * HF_NO_RESOURCES; after their release as many can be had again, under new handles. */
#include "access.h"
#include "guest/lib/platform.h"
#include "raw_calls.h"

#define ROOM 4096u

static uint64_t handles[ROOM];
static uint64_t bases[ROOM];
static struct hf_info all_free;

static int reserve_all(void)
{
    const struct hf_reserve one = {.bytes = 4096, .tag = TAG};
    struct hf_info info;

    for (unsigned i = 0; i < all_free.windows_max; i++) {
        struct hf_reserve call = one;
        CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
        handles[i] = call.window;
        bases[i] = call.base.value;
    }
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.windows_free, 0);
    CHECK_EQUAL(all_free.arena_free - info.arena_free, all_free.windows_max);
    CHECK_EQUAL(all_free.extents_free - info.extents_free, all_free.windows_max);
    CHECK_REFUSED(handles[0], RESERVE, one, HF_NO_RESOURCES);
    return 0;
}

static int release_all(void)
{
    struct hf_info info;

    for (unsigned i = 0; i < all_free.windows_max; i++) {
        struct hf_release call = {.window = handles[i], .tag = TAG};
        CHECK_EQUAL(CALL(RELEASE, call), HF_OK);
    }
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK(memcmp(&info, &all_free, sizeof info) == 0);
    return 0;
}

int guest_main(void)
{
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&all_free), HF_OK);
    CHECK_EQUAL(all_free.windows_free, all_free.windows_max);
    CHECK(all_free.windows_max <= ROOM);

    CHECK_EQUAL(reserve_all(), 0);
    for (unsigned i = 0; i < all_free.windows_max; i += 409) {
        struct hf_map map = {.window = handles[i],
                             .list = raw_gpa(&list),
                             .extents = 1,
                             .tag = TAG,
                             .cache = HF_CACHE_CACHED};
        CHECK_EQUAL(CALL(MAP, map), HF_OK);
        CHECK_EQUAL(map.address.value, bases[i]);
        CHECK(hf_platform_window_add((hf_gpa){bases[i]}, 1) != NULL);
        *(volatile uint64_t *)(list.first << HF_PAGE_SHIFT) = i;
        CHECK(can_read((void *)bases[i], &seen));
        CHECK_EQUAL(seen, i);
        struct hf_unmap unmap = {.window = handles[i], .pages = 1, .tag = TAG};
        CHECK_EQUAL(CALL(UNMAP, unmap), HF_OK);
    }
    CHECK_EQUAL(release_all(), 0);

    /* The slots come round: each old handle stays dead beside its slot's next owner. */
    for (unsigned i = 0; i < 64; i++) {
        struct hf_reserve call = {.bytes = 4096, .tag = TAG};
        struct hf_stat old = {.window = handles[i]};
        CHECK_EQUAL(CALL(RESERVE, call), HF_OK);
        CHECK(call.window != handles[i]);
        CHECK_EQUAL(CALL(STAT, old), HF_STAT_NO_WINDOW);
        struct hf_stat new = {.window = call.window};
        CHECK_EQUAL(CALL(STAT, new), HF_OK);
    }
    return 0;
}
