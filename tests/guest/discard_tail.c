/* SPDX-License-Identifier: MIT
 * The last page of an object that ends within it is discarded as a whole: what the guest has put
 * behind the end is gone, too. The file keeps its size. */
/* before: head -c 10000 /dev/zero | tr '\0' x >"$work/file" */
/* vm: --object "name=file,path=$work/file" --object name=memory,size=10000 */
/* after: [ "$(stat -c %s "$work/file")" = 10000 ] && [ "$(tr -d '\0' <"$work/file" | wc -c)" = 8192
 * ] */
#include "raw_calls.h"

static int discard(const char *name)
{
    struct hf_object_open object;
    struct hf_window window;
    void *address;

    CHECK_EQUAL(hf_object_open(name, &object), HF_OK);
    CHECK_EQUAL(hf_reserve(3 * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent all = {0, 3, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &all, 1, 0, NULL, &address), HF_OK);
    memset(address, 'x', 3 * 4096);
    CHECK_EQUAL(hf_discard(object.id, 2, 2), HF_BAD_PAGE);
    CHECK_EQUAL(hf_discard(object.id, 2, 1), HF_OK);
    const volatile uint8_t *page = address;
    CHECK_EQUAL(page[2 * 4096 - 1], 'x');
    for (unsigned i = 2 * 4096; i < 3 * 4096; i++)
        CHECK_EQUAL(page[i], 0);
    CHECK_EQUAL(hf_unmap(&window, 0, 3), HF_OK);
    return 0;
}

int guest_main(void)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(discard("file"), 0);
    CHECK_EQUAL(discard("memory"), 0);
    return 0;
}
