/* SPDX-License-Identifier: MIT
 * Any address inside the first page is the reservation's start, for map, unmap and free; and the
 * page behind its end is none of it. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);

    CHECK(address != NULL && mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 5);
    CHECK(MmMapLockedPagesWithReservedMapping(address + 1, TAG, mdl, MmCached) == address);
    CHECK(is_stamped(address, 2, 5));
    MmUnmapReservedMapping(address + PAGE_SIZE - 1, TAG, mdl);
    MmFreeMappingAddress(address + 0x123, TAG);
    CHECK(recorded.count == 0);

    address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    CHECK(address != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address + 4 * PAGE_SIZE, TAG, mdl, MmCached) == NULL);
    CHECK(misused(0x105, address + 4 * PAGE_SIZE, TAG, 0));
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
