/* SPDX-License-Identifier: MIT
 * A REMAP that is wrong in its old part or in its new part does neither: the old mapping stays. */
/* vm: --object name=ro,path=/proc/self/exe,access=ro */
#include "access.h"
#include "raw_calls.h"

#define CHECK_BAD(member, wrong, status)                                                           \
    do {                                                                                           \
        struct hf_remap bad_ = good;                                                               \
        bad_.member = (wrong);                                                                     \
        CHECK_REFUSED(window.handle, REMAP, bad_, status);                                         \
    } while (0)

int guest_main(void)
{
    struct hf_window window;
    uint64_t *pages = nano_pages(4);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(8 * 4096, TAG, 0, 4, &window), HF_OK);
    for (unsigned i = 0; i < 4; i++)
        pages[i * 512] = i + 100;
    /* Mapped are 1 and 2 by one MAP, 4 by another. */
    const struct hf_extent old[] = {{page_of(pages), 1, HF_RAM}, {page_of(pages) + 1, 1, HF_RAM}};
    CHECK_EQUAL(hf_map(&window, 1, old, 2, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&window, 4, old, 1, 0, NULL, NULL), HF_OK);
    struct hf_extent list[] = {{page_of(pages) + 2, 1, HF_RAM},
                               {page_of(pages) + 3, 1, HF_RAM},
                               {page_of(pages) + 2, 1, HF_RAM},
                               {page_of(pages) + 3, 1, HF_RAM},
                               {0, 1, 1},
                               {page_of(pages), 0, HF_RAM},
                               {0x4000, 1, HF_RAM},
                               {page_of(pages), 7, HF_RAM},
                               {page_of(pages), 1, HF_RAM}};
    const struct hf_remap good = {.map = {.window = window.handle,
                                          .page_offset = 1,
                                          .list = raw_gpa(list),
                                          .extents = 2,
                                          .tag = TAG,
                                          .cache = HF_CACHE_CACHED},
                                  .old_offset = 1,
                                  .old_pages = 2};

    CHECK_BAD(map.window, 0, HF_MAP_NO_WINDOW);
    CHECK_BAD(map.tag, TAG + 1, HF_MAP_WRONG_TAG);
    CHECK_BAD(map.flags, 4, HF_BAD_FLAGS);
    CHECK_BAD(map.cache, 3, HF_BAD_CACHE);
    CHECK_BAD(map.extents, 0, HF_EMPTY_LIST);
    CHECK_BAD(map.extents, HF_LIST_MAX + 1, HF_TOO_LARGE);
    CHECK_BAD(map.extents, UINT32_MAX, HF_TOO_LARGE);
    CHECK_BAD(map.list.value, 1, HF_BAD_ADDRESS);
    CHECK_BAD(map.list, raw_gpa(&list[4]), HF_READ_ONLY);
    CHECK_BAD(map.list, raw_gpa(&list[5]), HF_EMPTY_LIST);
    CHECK_BAD(map.list, raw_gpa(&list[6]), HF_BAD_PAGE);
    CHECK_BAD(map.list, raw_gpa(&list[7]), HF_WINDOW_TOO_SMALL);
    CHECK_BAD(map.page_offset, 3, HF_MAP_OVERLAP);
    CHECK_BAD(map.page_offset, 4, HF_MAP_OVERLAP);
    CHECK_BAD(map.page_offset, 7, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(map.page_offset, UINT64_MAX, HF_WINDOW_TOO_SMALL);
    CHECK_BAD(map.extents, 4, HF_MAP_OVERLAP);
    struct hf_remap many = good;
    many.map.page_offset = 0;
    many.map.extents = 4; /* 1 stays, at most 4 */
    CHECK(raw_refused(window.handle, HF_CALL_REMAP, &many, sizeof many, HF_TOO_MANY_EXTENTS));
    CHECK_BAD(old_pages, 0, HF_UNMAP_NOT_ONE_MAP);
    CHECK_BAD(old_pages, 1, HF_UNMAP_NOT_ONE_MAP);
    CHECK_BAD(old_pages, 3, HF_UNMAP_NOT_MAPPED);
    CHECK_BAD(old_pages, 8, HF_UNMAP_BEYOND);
    CHECK_BAD(old_pages, UINT64_MAX, HF_UNMAP_BEYOND);
    CHECK_BAD(old_pages, 2 | 1ull << 32, HF_UNMAP_BEYOND);
    CHECK_BAD(old_offset, 2, HF_UNMAP_NOT_MAPPED);
    CHECK_BAD(old_offset, 5, HF_UNMAP_NOT_MAPPED);
    CHECK_BAD(old_offset, UINT64_MAX, HF_UNMAP_BEYOND);
    CHECK_BAD(old_offset, 1ull << 32 | 1, HF_UNMAP_BEYOND);

    static const uint64_t wanted[8] = {0, 100, 101, 0, 100, 0, 0, 0};
    for (unsigned i = 0; i < 8; i++) {
        const char *at = (const char *)window.address + i * 4096;
        if (wanted[i] == 0) {
            CHECK(read_is_gp(at));
            continue;
        }
        CHECK(can_read(at, &seen));
        CHECK_EQUAL(seen, wanted[i]);
    }
    struct hf_remap call = good;
    CHECK_EQUAL(CALL(REMAP, call), HF_OK);
    return 0;
}
