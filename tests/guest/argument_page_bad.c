/* SPDX-License-Identifier: MIT
 * An argument page that is not aligned or not RAM is HF_BAD_ADDRESS for every call, and the call
 * does nothing. */
/* vm: --memory 8M */
#include "raw_calls.h"

#define RAM_END 0x800000ull /* 8 MiB */

int guest_main(void)
{
    struct hf_window window;
    struct accounts before;
    struct accounts after;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO), HF_OK); /* KVM answers some of VMCALL's itself */
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    /* So that a call that reads there finds what it needs to do something. */
    struct hf_reserve *arguments = nano_pages(3);
    *arguments = (struct hf_reserve){.bytes = 4096, .tag = TAG};
    memcpy((char *)arguments + 8, arguments, sizeof *arguments);
    memcpy((char *)arguments + 2048, arguments, sizeof *arguments);

    const uint64_t bad[] = {
        (uintptr_t)arguments + 1,
        (uintptr_t)arguments + 8,
        (uintptr_t)arguments + 2048,
        (uintptr_t)arguments + 4095,
        RAM_END - 1,
        RAM_END,
        RAM_END + 4096,
        window.base.value, /* RAM stands behind it, but it is not RAM */
        window.base.value + 4096,
        window.base.value + (1ull << 30), /* behind the arena */
        3ull << 30,                       /* the PCI hole */
        0xfee00000,
        0xfffff000,
        4ull << 30,
        1ull << 32 | 0x10000,
        1ull << 52,
        1ull << 52 | 0x10000,
        1ull << 63,
        1ull << 63 | 0x10000,
        0xffffffff00010000,
        0xfffffffffffff000,
        UINT64_MAX,
    };
    take_accounts(window.handle, &before);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (uint32_t call = HF_CALL_INFO; call <= HF_CALL_STAT; call++) {
            const uint64_t status = hf_call_at(call, (hf_gpa){bad[i]});
            if (status != HF_BAD_ADDRESS)
                hf_printf("call %u at 0x%llx\n", call, (unsigned long long)bad[i]);
            CHECK_EQUAL(status, HF_BAD_ADDRESS);
        }
    }
    take_accounts(window.handle, &after);
    CHECK(same_accounts(&before, &after));

    /* The first page of RAM and the last one are as good as any. */
    CHECK_EQUAL(hf_call_at(HF_CALL_INFO, (hf_gpa){0}), HF_OK);
    CHECK_EQUAL(hf_call_at(HF_CALL_INFO, (hf_gpa){RAM_END - 4096}), HF_OK);
    CHECK_EQUAL(((struct hf_info *)(RAM_END - 4096))->abi_version, HF_ABI_VERSION);
    return 0;
}
