/* SPDX-License-Identifier: MIT
 * 0x104: a map with a tag that is not the owner's, even where something else is wrong, too. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);
    PMDL larger = lock_pages(5);

    CHECK(address != NULL && mdl != NULL && larger != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, OTHER, mdl, MmCached) == NULL);
    CHECK(misused(0x104, address, OTHER, TAG));
    CHECK(!(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
    CHECK(MmMapLockedPagesWithReservedMapping(address, OTHER, larger, MmCached) == NULL);
    CHECK(misused(0x104, address, OTHER, TAG));

    MmFreeMappingAddress(address, TAG); /* nothing is mapped */
    CHECK(recorded.count == 0);
    return 0;
}
