/* SPDX-License-Identifier: MIT
 * A store through a read-only mapping ends with #GP at the instruction even where the guest's own
 * page tables allow it; reads go on, and the page keeps what it held. */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

FAULT_FORM(store32, "", "mov %eax, (%rdi)", "");
FAULT_FORM(rep_stos, "mov $4, %ecx", "rep stosl", "");
FAULT_FORM(locked_add, "mov $1, %eax", "lock xadd %eax, (%rdi)", "");

static const struct fault_form stores[] = {FAULT_ROW(store32), FAULT_ROW(rep_stos),
                                           FAULT_ROW(locked_add)};

int guest_main(void)
{
    struct hf_window window;
    uint32_t *page = nano_pages(1);
    const struct hf_extent one = {(uintptr_t)page >> HF_PAGE_SHIFT, 1, HF_RAM};

    page[0] = 4711;
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, &one, 1, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    *nano_pte(window.address) |= 2; /* a driver's own view of its rights does not count */
    __asm__ volatile("invlpg (%0)" : : "r"(window.address) : "memory");

    CHECK_EQUAL(*(volatile uint32_t *)window.address, 4711);
    CHECK_EQUAL(fault_forms_check(stores, 3, window.address, false), 0);
    CHECK_EQUAL(fault_forms_check(stores, 3, window.address, true), 0);
    CHECK_EQUAL(*(volatile uint32_t *)window.address, 4711);
    CHECK_EQUAL(page[0], 4711);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    return 0;
}
