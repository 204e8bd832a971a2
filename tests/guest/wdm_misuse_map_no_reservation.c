/* SPDX-License-Identifier: MIT
 * 0x105: a map at an address that is no reservation. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);

    CHECK(address != NULL && mdl != NULL);
    PVOID buffer = MmGetMdlVirtualAddress(mdl);
    CHECK(MmMapLockedPagesWithReservedMapping(buffer, TAG, mdl, MmCached) == NULL);
    CHECK(misused(0x105, buffer, TAG, 0));
    CHECK(MmMapLockedPagesWithReservedMapping(NULL, TAG, mdl, MmCached) == NULL);
    CHECK(misused(0x105, NULL, TAG, 0));

    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == NULL);
    CHECK(misused(0x105, address, TAG, 0));
    CHECK(!(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
    return 0;
}
