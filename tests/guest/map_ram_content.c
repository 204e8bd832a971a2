/* SPDX-License-Identifier: MIT
 * A window shows the pages that are mapped into it, in the order of the list. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

int guest_main(void)
{
    struct hf_window window;
    uint64_t *pages = nano_pages(4);
    void *address;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK(pages != NULL);
    for (uint64_t i = 0; i < 4; i++)
        pages[i * 512] = 1000 + i;
    const uint64_t first = (uintptr_t)pages >> HF_PAGE_SHIFT;
    const struct hf_extent list[] = {{first + 3, 1, HF_RAM}, {first, 2, HF_RAM}};

    CHECK_EQUAL(hf_reserve(16384, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 1, list, 2, 0, NULL, &address), HF_OK);
    CHECK(address == (char *)window.address + 4096);
    const volatile uint64_t *seen = address;
    CHECK_EQUAL(seen[0], 1003);
    CHECK_EQUAL(seen[512], 1000);
    CHECK_EQUAL(seen[1024], 1001);

    ((volatile uint64_t *)address)[1] = 77;
    CHECK_EQUAL(pages[3 * 512 + 1], 77);

    CHECK_EQUAL(hf_unmap(&window, 1, 3), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
