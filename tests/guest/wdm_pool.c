/* SPDX-License-Identifier: MIT
 * Pool blocks are aligned as in Windows, and a wrong free is found. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    static const SIZE_T sizes[] = {1, 16, 31, 100, 500, 2000, 4000, 4064, 4065, 4095, 4096, 20000};
    ULONG64 not_pool[8] = {0};
    PUCHAR block;

    for (ULONG i = 0; i < RTL_NUMBER_OF(sizes); i++) {
        block = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizes[i], TAG);
        CHECK(block != NULL);
        if (sizes[i] >= PAGE_SIZE)
            CHECK(BYTE_OFFSET(block) == 0);
        else
            CHECK((ULONG_PTR)block % 16 == 0 && BYTE_OFFSET(block) + sizes[i] <= PAGE_SIZE);
        CHECK(block[0] == 0 && block[sizes[i] - 1] == 0);
        RtlFillMemory(block, sizes[i], 0xff);
        ExFreePoolWithTag(block, TAG);
    }
    CHECK(recorded.count == 0);
    CHECK(ExAllocatePoolWithTag(NonPagedPoolNx, ~(SIZE_T)0, TAG) == NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPoolNx, 16, 0) == NULL);

    block = ExAllocatePoolWithTag(NonPagedPoolNx, 64, TAG);
    CHECK(block != NULL);
    ExFreePoolWithTag(block, OTHER);
    CHECK(stopped(BAD_POOL_CALLER, 0xa, (ULONG_PTR)block, TAG, OTHER));
    ExFreePool(&not_pool[6]);
    CHECK(stopped(BAD_POOL_CALLER, 0x46, (ULONG_PTR)&not_pool[6], 0, 0));
    ExFreePool(NULL);
    CHECK(stopped(BAD_POOL_CALLER, 0x46, 0, 0, 0));
    ExFreePool(block);
    CHECK(recorded.count == 0);
    ExFreePool(block);
    CHECK(stopped(BAD_POOL_CALLER, 0x7, (ULONG_PTR)block, 0, 0));
    return 0;
}
