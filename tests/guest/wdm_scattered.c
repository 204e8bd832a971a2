/* SPDX-License-Identifier: MIT
 * Pages from MmAllocatePagesForMdl, none next to the one before, appear in the MDL's order. */
#include "nano.h"
#include "wdm_buffer.h"

#define PAGES 48

int guest_main(void)
{
    PUCHAR forwards = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    PUCHAR backwards = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    PMDL mdl = any_pages(PAGES);

    CHECK(forwards != NULL && backwards != NULL && mdl != NULL);
    CHECK(MmGetMdlByteCount(mdl) == PAGES * PAGE_SIZE);
    PMDL same = IoAllocateMdl(NULL, PAGES * PAGE_SIZE, FALSE, FALSE, NULL);
    CHECK(same != NULL);
    RtlCopyMemory(same, mdl, MmSizeOfMdl(NULL, PAGES * PAGE_SIZE));
    scatter(same);

    CHECK(MmMapLockedPagesWithReservedMapping(forwards, TAG, mdl, MmCached) == forwards);
    CHECK(MmMapLockedPagesWithReservedMapping(backwards, TAG, same, MmCached) == backwards);
    stamp(forwards, PAGES, 1);
    for (ULONG i = 0; i < PAGES; i++)
        CHECK(*(PULONG)(PVOID)(backwards + i * PAGE_SIZE) == 0x10000u + PAGES - 1 - i);
    stamp(backwards, PAGES, 2);
    for (ULONG i = 0; i < PAGES; i++)
        CHECK(*(PULONG)(PVOID)(forwards + i * PAGE_SIZE) == 0x20000u + PAGES - 1 - i);

    MmUnmapReservedMapping(forwards, TAG, mdl);
    CHECK(is_stamped(backwards, PAGES, 2));
    MmUnmapReservedMapping(backwards, TAG, same);
    MmFreeMappingAddress(forwards, TAG);
    MmFreeMappingAddress(backwards, TAG);
    IoFreeMdl(same);
    free_any_pages(mdl);
    return 0;
}
