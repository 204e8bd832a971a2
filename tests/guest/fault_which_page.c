/* SPDX-License-Identifier: MIT
 * An instruction that touches two pages, of which one is mapped, ends with #GP for the other, and
 * soon: it is not taken for one that the host has failed. */
/* log: touches guest-physical 0x100000000 \(window 0x1\), not mapped or read-only */
/* log: touches guest-physical 0x100000ff8 \(window 0x1\), not mapped or read-only */
/* log: touches guest-physical 0x100002000 \(window 0x1\), not mapped or read-only */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

/* RDI is the second of three pages, the only one that is mapped. */
FAULT_FORM(copy_down, "mov %rdi, %rsi; sub $4096, %rdi", "movsb", "");
FAULT_FORM(copy_up, "mov %rdi, %rsi; add $4096, %rdi", "movsq", "");
FAULT_FORM(copy_from, "lea 4096(%rdi), %rsi", "movsb", "");
FAULT_FORM(across, "", "mov %rax, 4092(%rdi)", "");
FAULT_FORM(push, "mov %rdi, %rsp", "push %rax", "");
FAULT_FORM(call, "mov %rdi, %rsp", "call fault_copy_up", "");
FAULT_FORM(state, "lea 3456(%rdi), %rdi; mov $7, %eax; xor %edx, %edx", "xsave (%rdi)", "");
FAULT_FORM(far_bit, "mov $0x8000, %eax", "btsl %eax, (%rdi)", "");

static const struct fault_form forms[] = {
    FAULT_ROW(copy_down),
    FAULT_ROW(copy_up),
    FAULT_ROW(copy_from),
    FAULT_ROW(across),
};

/* Not in ring 0, where no exception can be taken on such a stack. */
static const struct fault_form user_forms[] = {
    FAULT_ROW(push),
    FAULT_ROW(call),
    FAULT_ROW(far_bit),
};

/* Whose 832 bytes begin in the middle page and end in the last; where there is AVX. */
static const struct fault_form state_forms[] = {FAULT_ROW(state)};

static bool enable_avx(void)
{
    uint32_t eax = 1, ebx, ecx = 0, edx;
    uint64_t cr4;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if ((ecx & (1u << 26)) == 0 || (ecx & (1u << 28)) == 0)
        return false;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 1ull << 18));
    __asm__ volatile("xsetbv" : : "a"(7u), "d"(0u), "c"(0u));
    return true;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int guest_main(void)
{
    struct hf_window window;
    struct hf_stat stat;
    const struct hf_extent one = {((uintptr_t)nano_pages(1)) >> HF_PAGE_SHIFT, 1, HF_RAM};
    void *middle;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(3 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 1, &one, 1, 0, NULL, &middle), HF_OK);
    CHECK_EQUAL(fault_forms_check(forms, COUNT(forms), middle, true), 0);
    CHECK_EQUAL(fault_forms_check(user_forms, COUNT(user_forms), middle, true), 0);
    CHECK_EQUAL(fault_forms_check(forms, COUNT(forms), middle, false), 0);
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, 2 * COUNT(forms) + COUNT(user_forms));
    /* Soon is within some seconds here; two that are not are more than this test may take. */
    const bool avx = enable_avx();
    for (int i = 0; i < 2 && avx; i++)
        CHECK_EQUAL(fault_forms_check(state_forms, 1, middle, true), 0);
    CHECK_EQUAL(hf_unmap(&window, 1, 1), HF_OK);
    return 0;
}
