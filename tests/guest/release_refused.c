/* SPDX-License-Identifier: MIT
 * RELEASE needs the owner's tag and a window in which nothing is mapped; refused, it changes
 * nothing. */
#include "access.h"
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_window window;
    uint64_t *page = nano_pages(1);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    *page = 0x4711;
    const struct hf_extent list = {page_of(page), 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, 1, &list, 1, 0, NULL, NULL), HF_OK);

    const struct hf_release good = {.window = window.handle, .tag = TAG};
    struct hf_release call = good;
    CHECK_REFUSED(window.handle, RELEASE, good, HF_RELEASE_MAPPED);
    call.tag = TAG - 1;
    CHECK_REFUSED(window.handle, RELEASE, call, HF_RELEASE_WRONG_TAG);
    CHECK(can_read((char *)window.address + 4096, &seen));
    CHECK_EQUAL(seen, 0x4711);

    CHECK_EQUAL(hf_unmap(&window, 1, 1), HF_OK);
    CHECK_REFUSED(window.handle, RELEASE, call, HF_RELEASE_WRONG_TAG);
    call = good;
    call.zero = 0x80000000;
    CHECK_REFUSED(window.handle, RELEASE, call, HF_BAD_FLAGS);
    call = good;
    call.window = 0;
    CHECK_REFUSED(window.handle, RELEASE, call, HF_RELEASE_NO_WINDOW);

    call = good;
    CHECK_EQUAL(CALL(RELEASE, call), HF_OK);
    CHECK_REFUSED(window.handle, RELEASE, good, HF_RELEASE_NO_WINDOW);
    return 0;
}
