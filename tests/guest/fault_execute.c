/* SPDX-License-Identifier: MIT
 * Executing from a window page that is not mapped ends with #GP at that page, in both rings; code
 * in a page that is mapped runs. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

static void jump(void *address)
{
    ((void (*)(void *))address)(NULL);
}

int guest_main(void)
{
    struct hf_window window;
    struct nano_exception it;
    uint8_t *code = nano_pages(1);
    const struct hf_extent one = {(uintptr_t)code >> HF_PAGE_SHIFT, 1, HF_RAM};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    for (int user = 0; user < 2; user++) {
        const bool returned =
            user ? nano_try_user(jump, window.address, &it) : nano_try(jump, window.address, &it);
        CHECK(!returned);
        CHECK_EQUAL(it.vector, 13);
        CHECK_EQUAL(it.rip, (uintptr_t)window.address);
    }
    code[0] = 0xc3; /* ret */
    CHECK_EQUAL(hf_map(&window, 0, &one, 1, 0, NULL, NULL), HF_OK);
    CHECK(nano_try(jump, window.address, &it));
    CHECK(nano_try_user(jump, window.address, &it));
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    return 0;
}
