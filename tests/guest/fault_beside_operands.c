/* SPDX-License-Identifier: MIT
 * What an instruction touches beside its operands, or at an address that a register of no operand
 * is a part of, is found as well: #GP for the right page, soon. */
/* log: touches guest-physical 0x100001008 \(window 0x1\), not mapped or read-only */
#include "fault_forms.h"
#include "guest/nano/cpu.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

/* RDI is the start of the second of two pages that are not mapped. What RAX adds leads there from
 * the page before. */
FAULT_FORM(translate, "lea -192(%rdi), %rbx; mov $200, %eax", "xlatb", "");
FAULT_FORM(copy_frames, "lea 16(%rdi), %rbp", "enter $0, $3", "");
FAULT_FORM(push_frames, "lea 4096(%rdi), %rsp; mov %rsp, %rbp; lea 40(%rsp), %rsp", "enter $0, $31",
           "");
FAULT_FORM(zero_line, "lea 70(%rdi), %rax", ".byte 0x0f, 0x01, 0xfc", "");
FAULT_FORM(masked, "lea -8(%rdi), %rdi; pcmpeqd %xmm0, %xmm0", "maskmovdqu %xmm0, %xmm0", "");
FAULT_FORM(return_far, "lea 8(%rdi), %rsp", "lretq", "");
FAULT_FORM(return_interrupt, "lea 8(%rdi), %rsp", "iretq", "");
FAULT_FORM(call_far, "mov %rdi, %rax", "lcall *(%rax)", "");
FAULT_FORM(load_segment, "", "mov (%rdi), %fs", "");
FAULT_FORM(save_fpu, "", "fnsave -104(%rdi)", "");
FAULT_FORM(save_state, "", "fxsave -16(%rdi)", "");
FAULT_FORM(far_bit, "lea -4096(%rdi), %rdi; mov $32768, %rax", "bts %rax, (%rdi)", "");
FAULT_FORM(wide_exchange, "lea -8(%rdi), %rdi; and $-16, %rdi; add $16, %rdi",
           "lock cmpxchg16b (%rdi)", "");
FAULT_FORM(direct_store, "mov %rdi, %rax; mov %rsp, %rcx", "movdir64b (%rcx), %rax", "");

static const struct fault_form forms[] = {
    FAULT_ROW(translate),  FAULT_ROW(copy_frames),  FAULT_ROW(push_frames),
    FAULT_ROW(masked),     FAULT_ROW(return_far),   FAULT_ROW(return_interrupt),
    FAULT_ROW(call_far),   FAULT_ROW(load_segment), FAULT_ROW(save_fpu),
    FAULT_ROW(save_state), FAULT_ROW(far_bit),      FAULT_ROW(wide_exchange),
};
static const struct fault_form clzero[] = {FAULT_ROW(zero_line)};
static const struct fault_form movdir64b[] = {FAULT_ROW(direct_store)};
#define COUNT  (sizeof forms / sizeof forms[0])
#define ROUNDS 3u

static bool has_feature(uint32_t leaf, unsigned word, unsigned bit)
{
    uint32_t out[4];

    cpuid(leaf & 0x80000000u, 0, out);
    if (out[0] < leaf)
        return false;
    cpuid(leaf, 0, out);
    return (out[word] >> bit & 1) != 0;
}

int guest_main(void)
{
    struct hf_window window;
    struct hf_stat stat;
    uint64_t cr4;
    uint64_t wanted = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(3 * 4096, TAG, 0, 0, &window), HF_OK);
    char *const second = (char *)window.address + 4096;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 3u << 9)); /* SSE */
    for (unsigned i = 0; i < ROUNDS; i++, wanted += COUNT)
        CHECK_EQUAL(fault_forms_check(forms, COUNT, second, true), 0);
    if (has_feature(0x80000008u, 1, 0)) {
        CHECK_EQUAL(fault_forms_check(clzero, 1, second, true), 0);
        wanted++;
    }
    if (has_feature(7, 2, 28)) {
        CHECK_EQUAL(fault_forms_check(movdir64b, 1, second, true), 0);
        wanted++;
    }
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, wanted);
    return 0;
}
