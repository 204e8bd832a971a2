/* SPDX-License-Identifier: MIT
 * Pages that are still mapped are not given back: a stale window on somebody else's memory cannot
 * come about by a forgotten unmap. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

static bool still_mapped(PMDL mdl, PVOID address)
{
    return stopped(SYSTEM_PTE_MISUSE, HF_MISUSE_PAGES_STILL_MAPPED, (ULONG_PTR)mdl,
                   (ULONG_PTR)address, 0);
}

int guest_main(void)
{
    PVOID address = MmAllocateMappingAddress(2 * PAGE_SIZE, TAG);
    PMDL locked = lock_pages(2);
    PMDL pages = any_pages(2);

    CHECK(address != NULL && locked != NULL && pages != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, locked, MmCached) == address);
    MmUnlockPages(locked);
    CHECK(still_mapped(locked, address));
    CHECK(locked->MdlFlags & MDL_PAGES_LOCKED);
    MmUnmapReservedMapping(address, TAG, locked);
    unlock_pages(locked);

    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, pages, MmCached) == address);
    const size_t free = nano_pages_free();
    MmFreePagesFromMdl(pages);
    CHECK(still_mapped(pages, address));
    CHECK(nano_pages_free() == free);
    MmUnmapReservedMapping(address, TAG, pages);
    MmFreePagesFromMdl(pages);
    CHECK(nano_pages_free() == free + 2);
    ExFreePool(pages);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
