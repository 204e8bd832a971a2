/* SPDX-License-Identifier: MIT
 * 0x101: a free with a tag that is not the owner's. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);

    CHECK(address != NULL && mdl != NULL);
    MmFreeMappingAddress(address, OTHER);
    CHECK(misused(0x101, address, OTHER, TAG));
    MmFreeMappingAddress(address, 0);
    CHECK(misused(0x101, address, 0, TAG));

    /* The reservation is still there. */
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
