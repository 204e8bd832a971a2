/* SPDX-License-Identifier: MIT
 * 0x10B: an unmap of pages, some or all of which are not mapped. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);
    PMDL larger = lock_pages(3);
    PVOID unused = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);

    CHECK(address != NULL && mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    CHECK(larger != NULL && unused != NULL);
    MmUnmapReservedMapping(address, TAG, larger);
    CHECK(misused(0x10b, address, TAG, 3));
    MmUnmapReservedMapping(unused, TAG, mdl);
    CHECK(misused(0x10b, unused, TAG, 2));
    CHECK(is_stamped(address, 2, 1)); /* still mapped */
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);

    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
