/* SPDX-License-Identifier: MIT
 * A prefix for another address width does not reach the stack pointer: what uses the stack of ring
 * 3 gets #GP for the page that it touches, soon, also with the prefix. */
/* log: touches guest-physical 0x1000007f8 \(window 0x1\), not mapped or read-only */
/* log: touches guest-physical 0x100000800 \(window 0x1\), not mapped or read-only */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

#define ON_STACK(name, instruction) FAULT_FORM(name, "mov %rdi, %rsp", instruction, "")

ON_STACK(push, ".byte 0x67; push %rax");
ON_STACK(push_immediate, ".byte 0x67; pushq $5");
ON_STACK(push16, ".byte 0x67; pushw %ax");
ON_STACK(push_flags, ".byte 0x67; pushfq");
ON_STACK(push_segment, ".byte 0x67; push %fs");
ON_STACK(pop, ".byte 0x67; pop %rax");
ON_STACK(pop_flags, ".byte 0x67; popfq");
ON_STACK(call, ".byte 0x67; call fault_call");
ON_STACK(ret, ".byte 0x67; ret");
ON_STACK(ret_more, ".byte 0x67; ret $8");
ON_STACK(enter, ".byte 0x67; enter $8, $0");
FAULT_FORM(call_indirect, "mov %rdi, %rsp; lea fault_ret(%rip), %rax", ".byte 0x67; call *%rax",
           "");
FAULT_FORM(leave, "mov %rdi, %rbp", ".byte 0x67; leave", "");
FAULT_FORM(pop_to_stack, "lea -24(%rsp), %rsp; sub $8, %rdi; mov %rsp, %rax; sub %rax, %rdi",
           "pop 0(%rsp, %rdi)", "");

static const struct fault_form forms[] = {
    FAULT_ROW(push),       FAULT_ROW(push_immediate), FAULT_ROW(push16),
    FAULT_ROW(push_flags), FAULT_ROW(push_segment),   FAULT_ROW(pop),
    FAULT_ROW(pop_flags),  FAULT_ROW(call),           FAULT_ROW(ret),
    FAULT_ROW(ret_more),   FAULT_ROW(enter),          FAULT_ROW(call_indirect),
    FAULT_ROW(leave),      FAULT_ROW(pop_to_stack),
};
#define COUNT (sizeof forms / sizeof forms[0])

int guest_main(void)
{
    struct hf_window window;
    struct hf_stat stat;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(fault_forms_check(forms, COUNT, (char *)window.address + 2048, true), 0);
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, COUNT);
    return 0;
}
