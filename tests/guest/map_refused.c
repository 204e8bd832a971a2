/* SPDX-License-Identifier: MIT
 * MAP refuses each bad argument with a status of its own and changes nothing: not the window's
 * accounts, not the out members' meaning, not what can be seen through it. */
/* vm: --object name=rw,size=1M --object name=ro,path=/proc/self/exe,access=ro */
#include "access.h"
#include "raw_calls.h"

#define PAGES 4u

#define CHECK_BAD(member, wrong, status)                                                           \
    do {                                                                                           \
        struct hf_map bad_ = good;                                                                 \
        bad_.member = (wrong);                                                                     \
        CHECK_REFUSED(window.handle, MAP, bad_, status);                                           \
    } while (0)

static struct hf_extent list[HF_LIST_MAX + 1];

int guest_main(void)
{
    struct hf_window window;
    struct hf_object_open object;
    uint64_t *pages = nano_pages(PAGES);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("ro", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * 4096, TAG, 0, 2, &window), HF_OK);
    pages[0] = 0x1234;
    for (unsigned i = 0; i <= HF_LIST_MAX; i++)
        list[i] = (struct hf_extent){page_of(pages), 1, HF_RAM};
    const struct hf_map good = {.window = window.handle,
                                .page_offset = 1,
                                .list = raw_gpa(list),
                                .extents = 1,
                                .tag = TAG,
                                .cache = HF_CACHE_CACHED};

    CHECK_BAD(window, 0, HF_MAP_NO_WINDOW);
    CHECK_BAD(tag, 0, HF_MAP_WRONG_TAG);
    CHECK_BAD(tag, TAG ^ 0x80000000, HF_MAP_WRONG_TAG);
    CHECK_BAD(flags, 2, HF_BAD_FLAGS);
    CHECK_BAD(flags, 0x80000000 | HF_MAP_READ_ONLY, HF_BAD_FLAGS);
    CHECK_BAD(flags, UINT32_MAX, HF_BAD_FLAGS);
    CHECK_BAD(cache, 3, HF_BAD_CACHE);
    CHECK_BAD(cache, 0x80000001, HF_BAD_CACHE);
    CHECK_BAD(cache, UINT32_MAX, HF_BAD_CACHE);
    CHECK_BAD(extents, 0, HF_EMPTY_LIST);
    CHECK_BAD(extents, 3, HF_TOO_MANY_EXTENTS);
    CHECK_BAD(extents, HF_LIST_MAX, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(extents, HF_LIST_MAX + 1, HF_TOO_LARGE);
    CHECK_BAD(extents, 0x10000001, HF_TOO_LARGE); /* 16 bytes each: 2^32 + 16 */
    CHECK_BAD(extents, UINT32_MAX, HF_TOO_LARGE);
    CHECK_BAD(page_offset, PAGES, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(page_offset, 1ull << 32, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(page_offset, 1ull << 52, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(page_offset, UINT64_MAX, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(list.value, 0, HF_EMPTY_LIST); /* what lies there has no pages */

    list[0].pages = PAGES;
    CHECK_REFUSED(window.handle, MAP, good, HF_WINDOW_TOO_SMALL);
    list[0] = (struct hf_extent){0, 1, object.id};
    CHECK_REFUSED(window.handle, MAP, good, HF_READ_ONLY);
    list[0] = (struct hf_extent){page_of(pages), 1, HF_RAM};
    list[1].pages = 0;
    CHECK_BAD(extents, 2, HF_EMPTY_LIST);
    CHECK(read_is_gp((char *)window.address + 4096));

    struct hf_map call = good;
    CHECK_EQUAL(CALL(MAP, call), HF_OK);
    CHECK_EQUAL(call.address.value, window.base.value + 4096);
    CHECK_EQUAL(call.pages, 1);
    CHECK_EQUAL(call.cache, HF_CACHE_CACHED);

    CHECK_REFUSED(window.handle, MAP, good, HF_MAP_OVERLAP);
    list[1].pages = 1;
    CHECK_BAD(extents, 2, HF_MAP_OVERLAP); /* and more extents than are left */
    list[0].pages = 2;
    CHECK_BAD(page_offset, 0, HF_MAP_OVERLAP);
    CHECK(can_read((char *)window.address + 4096, &seen));
    CHECK_EQUAL(seen, 0x1234);
    CHECK(read_is_gp(window.address));
    CHECK(read_is_gp((char *)window.address + 2 * 4096));
    return 0;
}
