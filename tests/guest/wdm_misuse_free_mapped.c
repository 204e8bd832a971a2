/* SPDX-License-Identifier: MIT
 * 0x103: a free while something is still mapped. */
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
    MmFreeMappingAddress(address, TAG);
    CHECK(misused(0x103, address, TAG, 4));
    CHECK(is_stamped(address, 2, 1));

    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
