/* SPDX-License-Identifier: MIT
 * A handler that maps the missing page and returns lets the instruction complete: the exception
 * came before the access had any effect. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

struct attempt {
    uint64_t *address;
    uint64_t count;
};

static void store_four(void *argument)
{
    const struct attempt *attempt = argument;
    uint64_t *to = attempt->address;
    uint64_t count = 4;

    __asm__ volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(0x11ull) : "memory");
}

int guest_main(void)
{
    struct hf_window window;
    struct nano_exception it;
    uint64_t *page = nano_pages(2);
    const struct hf_extent first = {(uintptr_t)page >> HF_PAGE_SHIFT, 1, HF_RAM};
    const struct hf_extent second = {((uintptr_t)page >> HF_PAGE_SHIFT) + 1, 1, HF_RAM};
    struct attempt attempt;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, &first, 1, 0, NULL, NULL), HF_OK);

    /* Two words end up in the first page, the third meets the second one. */
    attempt.address = (uint64_t *)window.address + 510;
    CHECK(!nano_try(store_four, &attempt, &it));
    CHECK_EQUAL(it.vector, 13);
    CHECK_EQUAL(page[510], 0x11);
    CHECK_EQUAL(page[511], 0x11);
    CHECK_EQUAL(page[512], 0);

    CHECK_EQUAL(hf_map(&window, 1, &second, 1, 0, NULL, NULL), HF_OK);
    CHECK(nano_try(store_four, &attempt, &it));
    CHECK_EQUAL(page[512], 0x11);
    CHECK_EQUAL(page[513], 0x11);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    CHECK_EQUAL(hf_unmap(&window, 1, 1), HF_OK);
    return 0;
}
