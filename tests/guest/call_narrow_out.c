/* SPDX-License-Identifier: MIT
 * A call is a write of 32 bits: 8 or 16 bits to the port are HF_UNKNOWN_CALL, whatever the rest of
 * the register says. */
#include "raw_calls.h"

static uint64_t out8(uint64_t rax, const void *page)
{
    __asm__ volatile("outb %%al, %%dx"
                     : "+a"(rax)
                     : "b"(page), "d"((uint16_t)HF_PORT_CALL)
                     : "memory");
    return rax;
}

static uint64_t out16(uint64_t rax, const void *page)
{
    __asm__ volatile("outw %%ax, %%dx"
                     : "+a"(rax)
                     : "b"(page), "d"((uint16_t)HF_PORT_CALL)
                     : "memory");
    return rax;
}

int guest_main(void)
{
    struct hf_reserve *page = nano_pages(1);
    struct accounts before;
    struct accounts after;

    CHECK_EQUAL(hf_init(), HF_OK);
    *page = (struct hf_reserve){.bytes = 4096, .tag = TAG};
    take_accounts(0, &before);
    CHECK_EQUAL(out8(HF_CALL_RESERVE, page), HF_UNKNOWN_CALL);
    CHECK_EQUAL(out16(HF_CALL_RESERVE, page), HF_UNKNOWN_CALL);
    CHECK_EQUAL(out16(0x1122334455660003, page), HF_UNKNOWN_CALL);
    take_accounts(0, &after);
    CHECK(same_accounts(&before, &after));
    return 0;
}
