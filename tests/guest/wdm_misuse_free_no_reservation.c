/* SPDX-License-Identifier: MIT
 * 0x102: a free of what is no reservation. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

/* Whatever memory the reservation had now belongs to others. */
static void reuse_memory(void)
{
    for (SIZE_T bytes = 64; bytes <= 1024; bytes *= 2) {
        PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, bytes, TAG);

        if (block != NULL)
            RtlFillMemory(block, bytes, 0xff);
    }
}

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PUCHAR other = MmAllocateMappingAddress(PAGE_SIZE, TAG);
    ULONG here;

    CHECK(address != NULL && other != NULL);
    MmFreeMappingAddress(&here, TAG);
    CHECK(misused(0x102, &here, TAG, 0));
    MmFreeMappingAddress(NULL, TAG);
    CHECK(misused(0x102, NULL, TAG, 0));
    MmFreeMappingAddress(address + PAGE_SIZE, TAG);
    CHECK(misused(0x102, address + PAGE_SIZE, TAG, 0));

    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    reuse_memory();
    MmFreeMappingAddress(address, TAG); /* twice */
    CHECK(misused(0x102, address, TAG, 0));
    MmFreeMappingAddress(other, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
