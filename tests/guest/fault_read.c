/* SPDX-License-Identifier: MIT
 * A read of a window page that is not mapped ends with #GP at the reading instruction, in ring 0
 * and in ring 3, and the register that was to be loaded keeps its value. */
/* log: the instruction at 0x[0-9a-f]+ touches guest-physical */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

FAULT_FORM(load8, "", "mov (%rdi), %al", "");
FAULT_FORM(load32, "", "mov (%rdi), %eax", "");
FAULT_FORM(load64, "", "mov 8(%rdi), %rax", "");
FAULT_FORM(zero_extend, "", "movzbl (%rdi), %eax", "");
FAULT_FORM(over_itself, "", "mov (%rdi), %rdi", "");
FAULT_FORM(compare, "", "cmpl $0, (%rdi)", "");
FAULT_FORM(add_from, "", "add (%rdi), %eax", "");
FAULT_FORM(lods, "mov %rdi, %rsi", "lodsb", "");
FAULT_FORM(pop, "mov %rsp, %rbx; mov %rdi, %rsp", "pop %rax", "");
FAULT_FORM(across, "lea 4093(%rdi), %rdi", "mov (%rdi), %rax", "");

static const struct fault_form loads[] = {
    FAULT_ROW(load8),       FAULT_ROW(load32),      FAULT_ROW(load64),
    FAULT_ROW(zero_extend), FAULT_ROW(over_itself), FAULT_ROW(compare),
    FAULT_ROW(add_from),    FAULT_ROW(lods),        FAULT_ROW(across),
};
static const struct fault_form stack_load = FAULT_ROW(pop);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t kept;

/* Goes back into this function once the exception was taken. */
static void load_over_known_value(void *address)
{
    __asm__ volatile("mov $0x1234567, %%rbx\n\t"
                     "mov %%rbx, %0\n\t"
                     "mov (%1), %%rbx\n\t"
                     "mov %%rbx, %0"
                     : "=m"(kept)
                     : "r"(address)
                     : "rbx");
}

int guest_main(void)
{
    struct hf_window window;
    struct nano_exception it;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(fault_forms_check(loads, COUNT(loads), window.address, false), 0);
    CHECK_EQUAL(fault_forms_check(loads, COUNT(loads), window.address, true), 0);
    CHECK_EQUAL(fault_forms_check(&stack_load, 1, window.address, true), 0);

    CHECK(!nano_try(load_over_known_value, window.address, &it));
    CHECK_EQUAL(it.vector, 13);
    CHECK_EQUAL(kept, 0x1234567);
    return 0;
}
