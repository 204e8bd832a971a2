/* SPDX-License-Identifier: MIT
 * A guest that keeps a page table in a window and unmaps it harms nobody but itself: what the table
 * had mapped ends with an exception, in either ring, and the VM goes on. */
#include "access.h"
#include "raw_calls.h"

#define LINEAR   0x20000000ull /* beyond RAM: nano has nothing there */
#define PF       14u
#define ACCESSES 0x7u /* present, writable, open to ring 3 */

static bool fails(bool (*try_it)(void (*)(void *), void *, struct nano_exception *),
                  void (*how)(void *), uint64_t at)
{
    struct access access = {.at = (volatile uint64_t *)at};
    struct nano_exception exception = {.vector = 0};

    return !try_it(how, &access, &exception) &&
           (exception.vector == PF || exception.vector == VECTOR_GP);
}

int guest_main(void)
{
    struct hf_window window;
    uint64_t *table = nano_pages(1);
    uint64_t *page = nano_pages(1);
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    *page = 0x1234;
    for (unsigned i = 0; i < 512; i++)
        table[i] = (uintptr_t)page | ACCESSES;
    const struct hf_extent list = {page_of(table), 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    /* In pages of 2 MiB, RAM has its entries in the directory of the first GiB. */
    uint64_t *const directory = (uint64_t *)((uintptr_t)nano_pte(page) & ~4095ull);
    directory[LINEAR >> 21 & 511] = window.base.value | ACCESSES;
    CHECK(can_read((void *)LINEAR, &seen));
    CHECK_EQUAL(seen, 0x1234);

    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    __asm__ volatile("invlpg (%0)" : : "r"(LINEAR) : "memory");
    CHECK(fails(nano_try, access_read, LINEAR));
    CHECK(fails(nano_try, access_write, LINEAR + 0x1000));
    CHECK(fails(nano_try_user, access_read, LINEAR + 0x2000));
    CHECK(fails(nano_try_user, access_write, LINEAR + 0x3000));
    CHECK_EQUAL(*page, 0x1234);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
