/* SPDX-License-Identifier: MIT
 * 0x108: an unmap with a tag that is not the owner's. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);

    CHECK(address != NULL && mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    MmUnmapReservedMapping(address, OTHER, mdl);
    CHECK(misused(0x108, address, OTHER, TAG));
    MmUnmapReservedMapping(address, 0, mdl);
    CHECK(misused(0x108, address, 0, TAG));
    CHECK(is_stamped(address, 2, 1)); /* still mapped */
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);

    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
