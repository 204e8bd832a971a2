/* SPDX-License-Identifier: MIT
 * A read-only object is mapped only for reading, also as one extent of a list and by REMAP; a write
 * is #GP and changes nothing on the host. */
/* before: seq -f 'line %010.0f' 0 1023 >"$work/file" && cp "$work/file" "$work/was" */
/* vm: --object "name=file,path=$work/file,access=ro" */
/* after: cmp "$work/file" "$work/was" */
#include "access.h"
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_window window;
    struct hf_object_open file;
    void *address;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("file", &file), HF_OK);
    CHECK_EQUAL(file.rights, 0);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list[] = {
        {page_of(raw_pages) + 1, 1, HF_RAM}, {0, 1, file.id}, {page_of(raw_pages) + 2, 1, HF_RAM}};

    CHECK_EQUAL(hf_map(&window, 0, &list[1], 1, 0, NULL, NULL), HF_READ_ONLY);
    CHECK_EQUAL(hf_map(&window, 0, list, 3, 0, NULL, NULL), HF_READ_ONLY);
    CHECK_EQUAL(hf_map(&window, 0, list, 3, HF_MAP_READ_ONLY, NULL, &address), HF_OK);
    CHECK_EQUAL(hf_remap(&window, 0, 3, 0, list, 3, 0, NULL, NULL), HF_READ_ONLY);
    CHECK(memcmp((char *)address + 4096, "line 0000000000\n", 16) == 0);

    /* Past the guest's own page tables, the VMM's protection is what stops a write. */
    for (unsigned i = 0; i < 3; i++) {
        char *at = (char *)address + i * 4096;
        *nano_pte(at) |= 2;
        __asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
        CHECK(write_is_gp(at));
    }
    CHECK(memcmp((char *)address + 4096, "line 0000000000\n", 16) == 0);
    return 0;
}
