/* SPDX-License-Identifier: MIT
 * An MDL smaller than the reservation is mapped from its start on; one larger is NULL. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define PAGES 16

int guest_main(void)
{
    PVOID address = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    PMDL whole = lock_pages(PAGES);
    PMDL larger = lock_pages(PAGES + 1);

    CHECK(address != NULL && whole != NULL && larger != NULL);
    for (ULONG pages = 1; pages <= PAGES; pages += 5) {
        PMDL mdl = lock_pages(pages);

        CHECK(mdl != NULL);
        stamp(MmGetMdlVirtualAddress(mdl), pages, pages);
        CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
        CHECK(is_stamped(address, pages, pages));
        MmUnmapReservedMapping(address, TAG, mdl);
        unlock_pages(mdl);
    }

    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, larger, MmCached) == NULL);
    CHECK(!(larger->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
    stamp(MmGetMdlVirtualAddress(whole), PAGES, 99);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, whole, MmCached) == address);
    CHECK(is_stamped(address, PAGES, 99));
    MmUnmapReservedMapping(address, TAG, whole);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
