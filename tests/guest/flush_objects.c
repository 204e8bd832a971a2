/* SPDX-License-Identifier: MIT
 * FLUSH of a file, of a memfd and of a read-only object succeeds, also while nothing is mapped,
 * and what was written before is in the file. */
/* before: head -c 65536 /dev/zero >"$work/file" && head -c 4096 /dev/zero >"$work/reading" */
/* vm: --object "name=file,path=$work/file" --object name=memory,size=64K */
/* vm: --object "name=reading,path=$work/reading,access=ro" */
/* after: [ "$(od -An -c -j 20480 -N 8 "$work/file" | tr -d ' ')" = holdfast ] */
#include "raw_calls.h"

int guest_main(void)
{
    static const char *const names[] = {"file", "memory", "reading"};
    struct hf_object_open objects[3];
    struct hf_window window;
    void *address;

    CHECK_EQUAL(hf_init(), HF_OK);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQUAL(hf_object_open(names[i], &objects[i]), HF_OK);
        CHECK_EQUAL(hf_flush(objects[i].id), HF_OK);
    }
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent page = {5, 1, objects[0].id};
    CHECK_EQUAL(hf_map(&window, 0, &page, 1, 0, NULL, &address), HF_OK);
    memcpy(address, "holdfast", 8);
    CHECK_EQUAL(hf_flush(objects[0].id), HF_OK);
    CHECK(memcmp(address, "holdfast", 8) == 0);
    memcpy(address, "holdfast", 8); /* a flushed page takes writes as before */
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    CHECK_EQUAL(hf_flush(objects[0].id), HF_OK);
    return 0;
}
