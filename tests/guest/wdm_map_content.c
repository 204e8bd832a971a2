/* SPDX-License-Identifier: MIT
 * Through the mapping one sees the MDL's pages: what was in them before, what is written to them
 * later, and the other way round. */
#include "nano.h"
#include "wdm_buffer.h"

#define PAGES 8

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(PAGES);
    PMDL other = lock_pages(PAGES);

    CHECK(address != NULL && mdl != NULL && other != NULL);
    PUCHAR buffer = MmGetMdlVirtualAddress(mdl);
    for (ULONG i = 0; i < 256; i++)
        buffer[PAGE_SIZE - 128 + i] = (UCHAR)i;
    stamp(buffer, PAGES, 1);
    stamp(MmGetMdlVirtualAddress(other), PAGES, 2);

    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    CHECK(is_stamped(address, PAGES, 1));
    CHECK(RtlCompareMemory(address + PAGE_SIZE - 128, buffer + PAGE_SIZE - 128, 128) == 128);
    stamp(buffer, PAGES, 3);
    CHECK(is_stamped(address, PAGES, 3));
    stamp(address, PAGES, 4);
    CHECK(is_stamped(buffer, PAGES, 4));
    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(is_stamped(buffer, PAGES, 4));

    /* The same addresses then show the next MDL, with no trace of the first. */
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, other, MmCached) == address);
    CHECK(is_stamped(address, PAGES, 2));
    MmUnmapReservedMapping(address, TAG, other);

    MmFreeMappingAddress(address, TAG);
    unlock_pages(mdl);
    unlock_pages(other);
    return 0;
}
