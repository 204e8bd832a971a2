/* SPDX-License-Identifier: MIT
 * Where an instruction's size or addresses come from the extended state, the page is found and
 * named all the same: #GP, counted and soon, in either ring. */
#include "fault_forms.h"
#include "guest/nano/cpu.h"
#include "holdfast/guest.h"

#define TAG 0x54455354u

#define ALL_STATE "mov $7, %eax; xor %edx, %edx; "

/* RDI is the start of the second of two pages, which is not mapped and in another window. The
 * state's first 576 bytes are all on the first. */
FAULT_FORM(save, ALL_STATE "lea -640(%rdi), %rdi", "xsave (%rdi)", "");
FAULT_FORM(save_used, "vmovaps start_0(%rip), %ymm0; " ALL_STATE "lea -640(%rdi), %rdi",
           "xsaveopt (%rdi)", "");
/* One element of several is there. */
FAULT_FORM(gather,
           "lea -4080(%rdi), %rdi; vpcmpeqd %xmm1, %xmm1, %xmm1; vpxor %xmm0, %xmm0, %xmm0;"
           "mov $4096, %eax; vmovd %eax, %xmm0; vpslldq $4, %xmm0, %xmm0",
           "vpgatherdd %xmm1, (%rdi, %xmm0), %xmm2", "");
/* With what is in the registers from there: ring 0 may be emulated, and no vectors are. */
FAULT_FORM(gather_on, "lea -4080(%rdi), %rdi", "vpgatherdd %xmm1, (%rdi, %xmm0), %xmm2", "");

__asm__(".section .rodata\n.balign 32\nstart_0: .fill 32, 1, 0x5a\n.text\n");

static const struct fault_form forms[] = {FAULT_ROW(save), FAULT_ROW(save_used)};
static const struct fault_form gathers[] = {FAULT_ROW(gather), FAULT_ROW(gather_on)};

static bool enable_avx(void)
{
    const uint32_t wanted = 1u << 26 | 1u << 28;
    uint32_t out[4];
    uint64_t cr4;

    cpuid(1, 0, out);
    if ((out[2] & wanted) != wanted)
        return false;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 1u << 18 | 3u << 9));
    __asm__ volatile("xsetbv" : : "a"(7u), "d"(0u), "c"(0u));
    return true;
}

static bool has_avx2(void)
{
    uint32_t out[4];

    cpuid(7, 0, out);
    return (out[1] & 1u << 5) != 0;
}

static bool has_xsaveopt(void)
{
    uint32_t out[4];

    cpuid(13, 1, out);
    return (out[0] & 1) != 0;
}

/* Long enough for the rounds that took seconds each. */
#define ROUNDS 20u

int guest_main(void)
{
    struct hf_window first;
    struct hf_window behind;
    struct hf_stat stat;
    const struct hf_extent one = {(uintptr_t)nano_pages(1) / 4096, 1, HF_RAM};
    uint64_t wanted = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &first), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &behind), HF_OK);
    CHECK_EQUAL(hf_map(&first, 0, &one, 1, 0, NULL, NULL), HF_OK);
    char *const second = behind.address;
    CHECK(second == (char *)first.address + 4096);
    if (!enable_avx()) {
        hf_printf("this processor has no AVX\n");
        return 0;
    }
    /* What is counted for the window behind has been named rightly. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        const bool user = i % 2 == 0;
        const size_t count = has_xsaveopt() && user ? 2 : 1;
        CHECK_EQUAL(fault_forms_check(forms, count, second, user), 0);
        wanted += count;
        if (!has_avx2())
            continue;
        CHECK_EQUAL(fault_forms_check(&gathers[user ? 0 : 1], 1, second, user), 0);
        wanted++;
    }
    CHECK_EQUAL(hf_stat(&behind, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, wanted);
    return 0;
}
