/* SPDX-License-Identifier: MIT
 * The address returned has the MDL's byte offset, MappedSystemVa has not; a buffer that begins
 * inside a page takes as many pages as it touches. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define OFFSET 0xabc

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(2 * PAGE_SIZE, TAG);
    PUCHAR buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, 4 * PAGE_SIZE, TAG);

    CHECK(address != NULL && buffer != NULL);
    for (ULONG i = 0; i < 64; i++) {
        buffer[OFFSET + i] = (UCHAR)(i + 1);
        buffer[OFFSET + PAGE_SIZE - 1 - i] = (UCHAR)(200 - i);
    }

    /* One page of bytes over two pages. */
    PMDL mdl = lock_part(buffer + OFFSET, PAGE_SIZE);
    CHECK(mdl != NULL && MmGetMdlByteOffset(mdl) == OFFSET && MmGetMdlByteCount(mdl) == PAGE_SIZE);
    PUCHAR mapped = MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached);
    CHECK(mapped == address + OFFSET);
    CHECK(mdl->MappedSystemVa == address);
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
    CHECK(RtlEqualMemory(mapped, buffer + OFFSET, PAGE_SIZE));
    /* Unmap takes the address that map returned. */
    MmUnmapReservedMapping(mapped, TAG, mdl);
    CHECK(!(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
    CHECK(mdl->MdlFlags & MDL_PAGES_LOCKED);

    /* Two pages of bytes over three: too large. */
    PMDL large = lock_part(buffer + OFFSET, 2 * PAGE_SIZE);
    CHECK(large != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, large, MmCached) == NULL);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
