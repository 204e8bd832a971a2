/* SPDX-License-Identifier: MIT
 * A page table or a gate in a window page that is not mapped, or is mapped read-only: what goes by
 * it in ring 3 ends soon, with an exception or as it should, and the VM goes on. No instruction
 * names such a page. */
#include "fault_forms.h"
#include "guest/nano/cpu.h"
#include "holdfast/guest.h"

#define TAG      0x54455354u
#define LINEAR   0x20000000ull /* beyond RAM: nano has nothing there */
#define ACCESSES 0x7u          /* present, writable, open to ring 3 */
#define ROUNDS   20u           /* each took seconds, or a minute */

struct __attribute__((packed)) table {
    uint16_t limit;
    uint64_t base;
};

FAULT_FORM(interrupt_gate, "", "int $200", ""); /* in the second half of the table */
FAULT_FORM(read_through, "", "mov (%rdi), %rax", "");
FAULT_FORM(write_through, "", "mov %rax, (%rdi)", "");

static struct hf_window window;
static struct hf_extent page;

static void map(uint32_t flags)
{
    hf_unmap(&window, 0, 1);
    if (hf_map(&window, 0, &page, 1, flags, NULL, NULL) != HF_OK)
        hf_printf("map failed\n");
}

/* The second half of the exception table is on the window's second page, which is not mapped. */
static int gates(void)
{
    const struct table in_window = {4095, window.base.value + 2048};
    struct table old;
    struct nano_exception it;

    map(0);
    __asm__ volatile("sidt %0" : "=m"(old));
    memcpy((char *)window.address + 2048, (void *)old.base,
           2048 < old.limit ? 2048 : old.limit + 1u);
    __asm__ volatile("lidt %0" : : "m"(in_window));
    for (unsigned i = 0; i < ROUNDS; i++)
        CHECK(!nano_try_user(fault_interrupt_gate, NULL, &it));
    __asm__ volatile("lidt %0" : : "m"(old));
    return 0;
}

/* The table that maps LINEAR. */
static int page_table(bool read_only)
{
    const uint64_t ram = page.first * 4096;
    uint64_t *const table = (uint64_t *)ram;
    uint64_t *const directory = (uint64_t *)((uintptr_t)nano_pte((void *)ram) & ~4095ull);
    struct nano_exception it;

    for (unsigned i = 0; i < 512; i++)
        table[i] = ram | ACCESSES;
    map(read_only ? HF_MAP_READ_ONLY : 0);
    if (!read_only)
        hf_unmap(&window, 0, 1);
    directory[LINEAR >> 21 & 511] = window.base.value | ACCESSES;
    for (unsigned i = 0; i < ROUNDS; i++) {
        __asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
        const bool reads = nano_try_user(fault_read_through, (void *)(LINEAR + i * 4096), &it);
        const bool writes =
            nano_try_user(fault_write_through, (void *)(LINEAR + i * 8192 + 8), &it);
        CHECK(read_only || (!reads && !writes));
    }
    directory[LINEAR >> 21 & 511] = 0;
    __asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
    return 0;
}

int guest_main(void)
{
    page = (struct hf_extent){(uintptr_t)nano_pages(1) / 4096, 1, HF_RAM};
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(gates(), 0);
    CHECK_EQUAL(page_table(false), 0);
    CHECK_EQUAL(page_table(true), 0);
    return 0;
}
