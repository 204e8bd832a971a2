/* SPDX-License-Identifier: MIT
 * nano_pages() gives zeroed pages of RAM in a row, NULL when there are none; freed pages can be had
 * again and are zeroed again. */
#include "nano.h"

int guest_main(void)
{
    const size_t at_first = nano_pages_free();
    uint64_t *a = nano_pages(3);
    uint64_t *b = nano_pages(1);

    CHECK(a != NULL && b != NULL);
    CHECK_EQUAL((uintptr_t)a % 4096, 0);
    CHECK(b >= a + 3 * 512 || b + 512 <= a);
    CHECK_EQUAL(nano_pages_free(), at_first - 4);
    for (unsigned i = 0; i < 3 * 512; i += 64) {
        CHECK_EQUAL(a[i], 0);
        a[i] = i + 1;
    }
    nano_free_pages(a, 3);
    CHECK_EQUAL(nano_pages_free(), at_first - 1);
    uint64_t *c = nano_pages(3);
    CHECK(c == a);
    for (unsigned i = 0; i < 3 * 512; i += 64)
        CHECK_EQUAL(c[i], 0);

    CHECK(nano_pages(at_first) == NULL);
    CHECK(nano_pages(SIZE_MAX) == NULL);
    CHECK(nano_pages(0) == NULL);
    CHECK_EQUAL(nano_pages_free(), at_first - 4);

    CHECK(nano_pte(a) != NULL);
    CHECK(nano_pte((void *)0x123456789000) == NULL);
    return 0;
}
