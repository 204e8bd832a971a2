/* SPDX-License-Identifier: MIT
 * A window shows a host file's pages in the order of the list, and what is written through it
 * lands in the file, at the same place; the rest of the file stays as it was. */
/* before: seq -f 'line %010.0f' 0 16383 >"$work/file" && cp "$work/file" "$work/was" */
/* vm: --object "name=file,path=$work/file" --object "name=again,path=$work/file,access=ro" */
/* after: [ "$(cmp -l "$work/file" "$work/was" | awk '{print $1}' | xargs)" = "28674 258049" ] */
#include "access.h"
#include "raw_calls.h"

#define LINES_A_PAGE 256u

/* Whether a page begins with its line of the file. */
static bool begins_with(const char *at, unsigned page)
{
    char line[17] = "line 0000000000\n";
    unsigned number = page * LINES_A_PAGE;

    for (unsigned digit = 14; number > 0; digit--, number /= 10)
        line[digit] = (char)('0' + number % 10);
    return memcmp(at, line, 16) == 0;
}

int guest_main(void)
{
    struct hf_window window;
    struct hf_object_open file;
    struct hf_object_open again;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("file", &file), HF_OK);
    CHECK_EQUAL(hf_object_open("again", &again), HF_OK);
    CHECK_EQUAL(file.bytes, 1 << 18);
    CHECK_EQUAL(hf_reserve(16 * 4096, TAG, 0, 0, &window), HF_OK);
    char *at = window.address;

    const struct hf_extent list[] = {
        {63, 1, file.id}, {0, 3, file.id}, {7, 1, file.id}, {50, 2, again.id}};
    static const unsigned wanted[] = {63, 0, 1, 2, 7, 50, 51};
    CHECK_EQUAL(hf_map(&window, 0, list, 4, 0, NULL, NULL), HF_READ_ONLY);
    CHECK_EQUAL(hf_map(&window, 0, list, 4, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    for (unsigned i = 0; i < 7; i++)
        CHECK(begins_with(at + i * 4096, wanted[i]));
    CHECK_EQUAL(hf_unmap(&window, 0, 7), HF_OK);

    CHECK_EQUAL(hf_map(&window, 0, list, 3, 0, NULL, NULL), HF_OK);
    CHECK_EQUAL(
        hf_map(&window, 8, &(struct hf_extent){7, 1, again.id}, 1, HF_MAP_READ_ONLY, NULL, NULL),
        HF_OK);
    *(volatile char *)&at[0] = 'L';
    *(volatile char *)&at[4 * 4096 + 1] = 'I';
    CHECK_EQUAL(*(volatile char *)&at[8 * 4096 + 1], 'I'); /* one file, two objects */
    CHECK_EQUAL(hf_unmap(&window, 0, 5), HF_OK);
    return 0;
}
