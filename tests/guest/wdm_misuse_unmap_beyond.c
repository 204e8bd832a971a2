/* SPDX-License-Identifier: MIT
 * 0x10A: an unmap of more pages than the reservation has. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);
    PMDL larger = lock_pages(5);

    CHECK(address != NULL && mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    CHECK(larger != NULL);
    MmUnmapReservedMapping(address, TAG, larger);
    CHECK(misused(0x10a, address, 4, 5));
    CHECK(is_stamped(address, 2, 1)); /* still mapped */
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);

    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
