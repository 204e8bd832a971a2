/* SPDX-License-Identifier: MIT
 * The store that is reported is the one that was made: not the string instruction behind it, and
 * also where it is the first of its page, or its code stands in a window. */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

FAULT_FORM(before_rep, "mov $0x11, %eax; mov $0x22, %ebx; mov $2, %ecx; lea 8(%rdi), %rdi",
           "mov %rbx, -8(%rdi)", "rep stosq");
FAULT_FORM(before_rep_immediate, "mov $0x11, %eax; mov $2, %ecx; lea 8(%rdi), %rdi",
           "movl $0x22, -8(%rdi)", "rep stosq");
FAULT_FORM(before_rep_of_nothing, "xor %ecx, %ecx; lea 8(%rdi), %rdi", "mov %rbx, -8(%rdi)",
           "rep stosq");
FAULT_FORM(prefixed, "", ".byte 0x2e, 0x2e, 0x48, 0x89, 0x07", "");

static const struct fault_form forms[] = {
    FAULT_ROW(before_rep),
    FAULT_ROW(before_rep_immediate),
    FAULT_ROW(before_rep_of_nothing),
    FAULT_ROW(prefixed),
};

struct call {
    void *code;
    void *address;
};

static void call(void *argument)
{
    const struct call *it = argument;

    __asm__ volatile("call *%0" : : "r"(it->code), "D"(it->address), "a"(1ull) : "memory");
}

int guest_main(void)
{
    static const uint8_t store[] = {0x48, 0x89, 0x07, 0xc3}; /* mov %rax, (%rdi); ret */
    struct hf_window window;
    struct hf_window code_window;
    struct nano_exception it;
    uint8_t *page = nano_pages(1);
    const struct hf_extent one = {(uintptr_t)page / HF_PAGE_SIZE, 1, HF_RAM};
    void *code;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(fault_forms_check(forms, 4, window.address, false), 0);

    /* The page in front of the code is not mapped. */
    memcpy(page, store, sizeof store);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &code_window), HF_OK);
    CHECK_EQUAL(hf_map(&code_window, 1, &one, 1, 0, NULL, &code), HF_OK);
    struct call in_window = {code, window.address};
    CHECK(!nano_try(call, &in_window, &it));
    CHECK_EQUAL(it.vector, 13);
    CHECK_EQUAL(it.rip, (uintptr_t)code);
    return 0;
}
