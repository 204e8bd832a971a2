/* SPDX-License-Identifier: MIT
 * 0x10C: an unmap of less than what is mapped. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);
    PMDL smaller = lock_pages(1);

    CHECK(address != NULL && mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    CHECK(smaller != NULL);
    MmUnmapReservedMapping(address, TAG, smaller);
    CHECK(misused(0x10c, address, TAG, 1));
    CHECK(is_stamped(address, 2, 1)); /* still mapped */
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);

    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
