/* SPDX-License-Identifier: MIT
 * Maps a page of RAM into a window and reads it there. */
#include "holdfast/guest.h"
#include "nano.h"

int guest_main(void)
{
    char *page = nano_pages(1);
    const struct hf_extent list = {.first = (uint64_t)page / HF_PAGE_SIZE, .pages = 1};
    struct hf_window window;
    void *address;

    CHECK(page != NULL && hf_init() == HF_OK);
    memcpy(page, "written to RAM", 15);
    CHECK_EQUAL(hf_reserve(65536, 0x6f6d6564, 0, 0, &window), HF_OK); /* may run short */
    CHECK_EQUAL(hf_map(&window, 3, &list, 1, 0, NULL, &address), HF_OK);
    hf_printf("%p, page 3 of the window, shows: %s\n", address, (char *)address);
    CHECK_EQUAL(hf_unmap(&window, 3, 1), HF_OK);
    return hf_release(&window);
}
