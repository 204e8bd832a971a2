/* SPDX-License-Identifier: MIT
 * Discarded pages of a file and of a memfd read as zeros, where they are mapped and where they are
 * mapped later; they can be written again, and the pages beside them are as they were. */
/* before: seq -f 'line %010.0f' 0 4095 >"$work/file" && cp "$work/file" "$work/was" */
/* vm: --object "name=file,path=$work/file" --object name=memory,size=64K */
/* after: [ "$(cmp -l "$work/file" "$work/was" | awk '{print int(($1 - 1) / 4096)}' | uniq | xargs)"
 * = "4 5 6" ] */
/* after: [ "$(stat -c %s "$work/file")" = 65536 ] */
#include "access.h"
#include "raw_calls.h"

#define PAGES 16u
#define FIRST 4u
#define COUNT 3u

static bool is_zero(const uint64_t *page)
{
    for (unsigned i = 0; i < 512; i++)
        if (((const volatile uint64_t *)page)[i] != 0)
            return false;
    return true;
}

static int discard(const char *name)
{
    struct hf_object_open object;
    struct hf_window window;
    void *address;
    static uint8_t before[PAGES][4096];

    CHECK_EQUAL(hf_object_open(name, &object), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * PAGES * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent all = {0, PAGES, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &all, 1, 0, NULL, &address), HF_OK);
    uint8_t *pages = address;
    for (unsigned i = 0; i < PAGES; i++)
        pages[i * 4096] = 'L'; /* none is a hole; a file that had a line there has its letter */
    memcpy(before, pages, sizeof before);

    CHECK_EQUAL(hf_discard(object.id, FIRST, COUNT), HF_OK);
    for (unsigned i = 0; i < PAGES; i++) {
        const bool gone = i >= FIRST && i < FIRST + COUNT;
        CHECK(gone ? is_zero((void *)(pages + i * 4096))
                   : memcmp(pages + i * 4096, before[i], 4096) == 0);
    }
    CHECK_EQUAL(hf_map(&window, PAGES, &all, 1, HF_MAP_READ_ONLY, NULL, &address), HF_OK);
    CHECK(is_zero((void *)((uint8_t *)address + FIRST * 4096)));
    CHECK(can_write(pages + FIRST * 4096, 77));
    CHECK_EQUAL(*(volatile uint64_t *)(void *)((uint8_t *)address + FIRST * 4096), 77);

    /* Again, with what was zeros already among it. */
    CHECK_EQUAL(hf_discard(object.id, FIRST, COUNT), HF_OK);
    CHECK_EQUAL(*(volatile uint64_t *)(void *)(pages + FIRST * 4096), 0);
    for (unsigned i = 0; i < PAGES; i++)
        pages[i * 4096] = i >= FIRST && i < FIRST + COUNT ? 0 : 'l';
    CHECK_EQUAL(hf_flush(object.id), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 0, PAGES), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, PAGES, PAGES), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}

int guest_main(void)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(discard("file"), 0);
    CHECK_EQUAL(discard("memory"), 0);
    return 0;
}
