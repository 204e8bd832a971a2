/* SPDX-License-Identifier: MIT
 * 0x109: an unmap at an address that is no reservation. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);
    ULONG here;

    CHECK(address != NULL && mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    MmUnmapReservedMapping(&here, TAG, mdl);
    CHECK(misused(0x109, &here, TAG, 0));
    MmUnmapReservedMapping(address + 4 * PAGE_SIZE, TAG, mdl);
    CHECK(misused(0x109, address + 4 * PAGE_SIZE, TAG, 0));
    MmUnmapReservedMapping(NULL, TAG, mdl);
    CHECK(misused(0x109, NULL, TAG, 0));
    CHECK(is_stamped(address, 2, 1)); /* still mapped */
    CHECK(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);

    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
