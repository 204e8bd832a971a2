/* SPDX-License-Identifier: MIT
 * A store to a window page that is not mapped ends with #GP at the storing instruction, whatever
 * kind of store it is, in ring 0 and in ring 3, and nothing is stored. */
/* log: touches guest-physical 0x[0-9a-f]+ \(window 0x[0-9a-f]+\) */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

FAULT_FORM(store8, "mov $0x41, %al", "mov %al, (%rdi)", "");
FAULT_FORM(store8_rex, "mov $0, %esi; mov $0, %edx", "mov %sil, (%rdi)", "");
FAULT_FORM(store16, "", "mov %ax, (%rdi)", "");
FAULT_FORM(store32, "", "mov %eax, (%rdi)", "");
FAULT_FORM(store64, "", "mov %rax, (%rdi)", "");
FAULT_FORM(store_r9, "mov %rdi, %r9; mov %rdi, %r10", "mov %r10, (%r9)", "");
FAULT_FORM(store_sib, "mov $3, %ecx", "mov %rax, 16(%rdi,%rcx,8)", "");
FAULT_FORM(store_disp32, "lea -0x1000(%rdi), %rax", "mov %rdx, 0x1000(%rax)", "");
FAULT_FORM(immediate8, "", "movb $0x48, (%rdi)", "");
FAULT_FORM(immediate32, "", "movl $0x89074889, (%rdi)", "");
FAULT_FORM(immediate64, "", "movq $-1, 8(%rdi)", "");
FAULT_FORM(prefix_before, "rex.W nop; .byte 0x90", "mov %rax, (%rdi)", "");
FAULT_FORM(ends_like_prefix, "mov $0x48000000, %eax", "mov %eax, (%rdi)", "");
FAULT_FORM(stos, "xor %eax, %eax", "stosq", "");
FAULT_FORM(rep_stos, "xor %eax, %eax; mov $4, %ecx", "rep stosl", "");
FAULT_FORM(movs, "lea nano_entry(%rip), %rsi", "movsb", "");
FAULT_FORM(rep_movs, "lea nano_entry(%rip), %rsi; mov $16, %ecx", "rep movsb", "");
FAULT_FORM(push, "mov %rsp, %rbx; lea 64(%rdi), %rsp", "push %rax", "");
FAULT_FORM(push_immediate, "mov %rsp, %rbx; lea 64(%rdi), %rsp", "pushq $5", "");
FAULT_FORM(xchg, "", "xchg %rax, (%rdi)", "");
FAULT_FORM(add, "", "addl $1, (%rdi)", "");
FAULT_FORM(locked, "", "lock incl (%rdi)", "");
FAULT_FORM(set, "cmp %eax, %eax", "sete (%rdi)", "");
FAULT_FORM(call, "mov %rsp, %rbx; lea 64(%rdi), %rsp", "call fault_store8", "");
FAULT_FORM(across, "lea 4093(%rdi), %rdi", "mov %rax, (%rdi)", "");

static const struct fault_form stores[] = {
    FAULT_ROW(store8),
    FAULT_ROW(store8_rex),
    FAULT_ROW(store16),
    FAULT_ROW(store32),
    FAULT_ROW(store64),
    FAULT_ROW(store_r9),
    FAULT_ROW(store_sib),
    FAULT_ROW(store_disp32),
    FAULT_ROW(immediate8),
    FAULT_ROW(immediate32),
    FAULT_ROW(immediate64),
    FAULT_ROW(prefix_before),
    FAULT_ROW(ends_like_prefix),
    FAULT_ROW(stos),
    FAULT_ROW(rep_stos),
    FAULT_ROW(movs),
    FAULT_ROW(rep_movs),
    FAULT_ROW(xchg),
    FAULT_ROW(add),
    FAULT_ROW(locked),
    FAULT_ROW(set),
    FAULT_ROW(across),
};

/* These move the stack into the window; ring 0 cannot take an exception there. */
static const struct fault_form stack_stores[] = {
    FAULT_ROW(push),
    FAULT_ROW(push_immediate),
    FAULT_ROW(call),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int guest_main(void)
{
    struct hf_window window;
    struct hf_stat stat;
    const struct hf_extent one = {((uintptr_t)nano_pages(1)) >> HF_PAGE_SHIFT, 1, HF_RAM};
    void *address;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(fault_forms_check(stores, COUNT(stores), window.address, false), 0);
    CHECK_EQUAL(fault_forms_check(stores, COUNT(stores), window.address, true), 0);
    CHECK_EQUAL(fault_forms_check(stack_stores, COUNT(stack_stores), window.address, true), 0);

    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, 2 * COUNT(stores) + COUNT(stack_stores));

    /* From a page that is mapped into one that is not. */
    CHECK_EQUAL(hf_map(&window, 0, &one, 1, 0, NULL, &address), HF_OK);
    CHECK_EQUAL(fault_forms_check(&stores[COUNT(stores) - 1], 1, window.address, false), 0);
    CHECK_EQUAL(fault_forms_check(&stores[COUNT(stores) - 1], 1, window.address, true), 0);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    return 0;
}
