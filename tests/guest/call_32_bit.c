/* SPDX-License-Identifier: MIT
 * A call by port from 32-bit code counts the lower half of RBX only: code that cannot see the
 * upper half cannot clear it. */
#include "guest/lib/platform.h"
#include "holdfast/guest.h"
#include "nano.h"

static uint64_t gdt[8] __attribute__((aligned(16)));

/* Goes to 32-bit code at CPL 0 with the upper half of RBX set, calls, and comes back. */
static uint64_t call_in_32_bit(uint32_t call, uint64_t rbx)
{
    uint64_t answer;

    __asm__ volatile("pushq $0x30\n\t"
                     "leaq 1f(%%rip), %%rcx\n\t"
                     "pushq %%rcx\n\t"
                     "lretq\n\t"
                     ".code32\n"
                     "1:\n\t"
                     "outl %%eax, %%dx\n\t"
                     "ljmpl $0x08, $2f\n\t"
                     ".code64\n"
                     "2:"
                     : "=a"(answer)
                     : "a"((uint64_t)call), "b"(rbx), "d"((uint64_t)HF_PORT_CALL)
                     : "rcx", "memory");
    return answer;
}

int guest_main(void)
{
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } table = {sizeof gdt - 1, (uintptr_t)gdt};
    struct hf_info *info = nano_pages(1);

    CHECK(info != NULL);
    gdt[1] = 0x00af9b000000ffff; /* 64-bit code and data as in nano's own table */
    gdt[2] = 0x00cf93000000ffff;
    gdt[6] = 0x00cf9b000000ffff; /* 32-bit code */
    __asm__ volatile("cli; lgdt %0" : : "m"(table));
    CHECK_EQUAL(call_in_32_bit(HF_CALL_INFO, 0xdead000000000000 | (uintptr_t)info), HF_OK);
    CHECK_EQUAL(info->abi_version, HF_ABI_VERSION);
    return 0;
}
