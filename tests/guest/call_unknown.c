/* SPDX-License-Identifier: MIT
 * A number that is no call is HF_UNKNOWN_CALL; so is reading the port of the calls. */
#include "raw_calls.h"

int guest_main(void)
{
    static const uint32_t unknown[] = {0,       11,        12,         0x100,      0x101,
                                       0x10001, 0x1000000, 0x7fffffff, 0x80000001, 0xffffffff};
    struct hf_reserve *page = nano_pages(1);
    struct accounts before;
    struct accounts after;
    uint32_t eax = 0;
    uint16_t ax = 0;
    uint8_t al = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO), HF_OK);
    *page = (struct hf_reserve){.bytes = 4096, .tag = TAG};
    take_accounts(0, &before);
    for (unsigned i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CHECK_EQUAL(hf_call(unknown[i], page), HF_UNKNOWN_CALL);

    __asm__ volatile("inl %%dx, %%eax" : "+a"(eax) : "d"((uint16_t)HF_PORT_CALL), "b"(page));
    CHECK_EQUAL(eax, HF_UNKNOWN_CALL);
    __asm__ volatile("inw %%dx, %%ax" : "+a"(ax) : "d"((uint16_t)HF_PORT_CALL), "b"(page));
    CHECK_EQUAL(ax, HF_UNKNOWN_CALL);
    __asm__ volatile("inb %%dx, %%al" : "+a"(al) : "d"((uint16_t)HF_PORT_CALL), "b"(page));
    CHECK_EQUAL(al, HF_UNKNOWN_CALL & 0xff);
    take_accounts(0, &after);
    CHECK(same_accounts(&before, &after));

    /* The upper half of RAX has no say. */
    uint64_t rax = 0xffffffff00000000 | HF_CALL_RESERVE;
    __asm__ volatile("outl %%eax, %%dx"
                     : "+a"(rax)
                     : "b"(page), "d"((uint16_t)HF_PORT_CALL)
                     : "memory");
    CHECK_EQUAL(rax, HF_OK);
    CHECK(page->window != 0);
    return 0;
}
