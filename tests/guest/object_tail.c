/* SPDX-License-Identifier: MIT
 * An object whose size is no multiple of the page: its last page is filled up with zeros, what the
 * guest writes behind the end stays out of the file, and no page follows. */
/* before: seq -f 'line %010.0f' 0 640 | head -c 10000 >"$work/file" */
/* vm: --object "name=file,path=$work/file" --object name=memory,size=10000 */
/* after: [ $(stat -c %s "$work/file") = 10000 ] && ! grep -q beyond "$work/file" */
#include "access.h"
#include "raw_calls.h"

#define BYTES 10000u

static int check(const char *name, bool has_lines)
{
    struct hf_window window;
    struct hf_object_open object;
    void *address;

    CHECK_EQUAL(hf_object_open(name, &object), HF_OK);
    CHECK_EQUAL(object.bytes, BYTES);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    struct hf_extent list = {0, 4, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_BAD_PAGE);
    list.first = 3;
    list.pages = 1;
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_BAD_PAGE);
    list.first = 0;
    list.pages = 3;
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, &address), HF_OK);
    if (has_lines)
        CHECK(memcmp((char *)address + 9984, "line 0000000624\n", 16) == 0);
    for (unsigned at = BYTES; at < 3 * 4096; at += 8)
        CHECK_EQUAL(*(volatile uint64_t *)(void *)((char *)address + at), 0);
    memcpy((char *)address + BYTES + 16, "beyond", 6);
    CHECK(memcmp((char *)address + BYTES + 16, "beyond", 6) == 0);
    CHECK(read_is_gp((char *)address + 3 * 4096));
    CHECK_EQUAL(hf_unmap(&window, 0, 3), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}

int guest_main(void)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(check("file", true), 0);
    CHECK_EQUAL(check("memory", false), 0);
    return 0;
}
