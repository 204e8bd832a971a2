/* SPDX-License-Identifier: MIT
 * 0x107: a map over something that is still mapped; the first mapping stays. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);
    PMDL other = lock_pages(3);

    CHECK(address != NULL && mdl != NULL && other != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    stamp(MmGetMdlVirtualAddress(other), 3, 2);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, other, MmCached) == NULL);
    CHECK(misused(0x107, address, (ULONG_PTR)address, (ULONG_PTR)address + 2 * PAGE_SIZE));
    CHECK(is_stamped(address, 2, 1));
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == NULL);
    CHECK(misused(0x107, address, (ULONG_PTR)address, (ULONG_PTR)address + PAGE_SIZE));
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);

    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(!(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, other, MmCached) == address);
    CHECK(is_stamped(address, 3, 2));
    MmUnmapReservedMapping(address, TAG, other);

    /* The same with so many extents that they are more than the reservation can hold at once. */
    scatter(mdl);
    scatter(other);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, other, MmCached) == address);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == NULL);
    CHECK(misused(0x107, address, (ULONG_PTR)address, (ULONG_PTR)address + PAGE_SIZE));
    MmUnmapReservedMapping(address, TAG, other);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
