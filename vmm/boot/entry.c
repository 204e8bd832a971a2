/* SPDX-License-Identifier: MIT
 * The state in which the first vCPU enters a kernel: 64-bit mode with an identity map as Linux'
 * boot protocol wants it, or 32-bit mode without paging for PVH. */
#include "image.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

#include <string.h>

#define PTE_PRESENT 0x001u
#define PTE_WRITE   0x002u
#define PTE_LARGE   0x080u

/* Selectors that Linux' 64-bit entry expects. */
#define SELECTOR_CODE 0x10u
#define SELECTOR_DATA 0x18u

#define CR0_PROTECTED 0x00000011u /* with the extension type, which is fixed */
#define CR0_PAGING    0x80000000u
#define CR4_PAE       0x20u
#define EFER_LONG     0x500u /* long mode, enabled and active */

static void write_page_tables(const struct memory *memory)
{
    uint64_t *pml4 = memory_ram_at(memory, PML4_GPA, HF_PAGE_SIZE);
    uint64_t *pdpt = memory_ram_at(memory, PDPT_GPA, HF_PAGE_SIZE);
    uint64_t *pd = memory_ram_at(memory, PD_GPA, 4 * HF_PAGE_SIZE);

    memset(pml4, 0, HF_PAGE_SIZE);
    memset(pdpt, 0, HF_PAGE_SIZE);
    pml4[0] = PDPT_GPA | PTE_PRESENT | PTE_WRITE;
    for (uint64_t i = 0; i < 4; i++)
        pdpt[i] = (PD_GPA + i * HF_PAGE_SIZE) | PTE_PRESENT | PTE_WRITE;
    for (uint64_t i = 0; i < 4ull * 512; i++)
        pd[i] = i << 21 | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
}

void entry_write_tables(const struct memory *memory)
{
    static const uint64_t gdt[] = {0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff};

    memcpy(memory_ram_at(memory, GDT_GPA, sizeof gdt), gdt, sizeof gdt);
    write_page_tables(memory);
}

void boot_registers(const struct boot_image *image, struct kvm_regs *regs, struct kvm_sregs *sregs)
{
    const bool wide = image->way != BOOT_PVH;
    struct kvm_segment code = {
        .limit = 0xffffffff,
        .selector = SELECTOR_CODE,
        .type = 11,
        .present = 1,
        .s = 1,
        .g = 1,
    };
    struct kvm_segment data = code;

    code.l = wide;
    code.db = !wide;
    data.selector = SELECTOR_DATA;
    data.type = 3;
    data.db = 1;
    sregs->cs = code;
    sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
    *regs = (struct kvm_regs){.rip = image->entry, .rflags = 2};
    if (!wide) {
        sregs->cr0 = CR0_PROTECTED;
        regs->rbx = START_INFO_GPA;
        return;
    }
    sregs->gdt.base = GDT_GPA;
    sregs->gdt.limit = 4 * 8 - 1;
    sregs->cr0 = CR0_PROTECTED | CR0_PAGING;
    sregs->cr3 = PML4_GPA;
    sregs->cr4 = CR4_PAE;
    sregs->efer = EFER_LONG;
    regs->rsi = ZERO_PAGE_GPA;
}
