/* SPDX-License-Identifier: MIT
 * Windows keeps no bit 0 of a tag: one that differs from the owner's in that bit alone is the
 * owner's, for a map, an unmap and a free; one that differs in another bit is not. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

/* Reserves with one tag and uses the other for everything. */
static int use(ULONG owner, ULONG tag, PMDL mdl)
{
    PVOID address = MmAllocateMappingAddress(4 * PAGE_SIZE, owner);
    ULONG wrong = tag ^ 2;

    CHECK(address != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, wrong, mdl, MmCached) == NULL);
    CHECK(misused(0x104, address, wrong, owner));
    CHECK(MmMapLockedPagesWithReservedMapping(address, tag, mdl, MmCached) == address);
    CHECK(recorded.count == 0 && is_stamped(address, 3, 7));
    MmUnmapReservedMapping(address, wrong, mdl);
    CHECK(misused(0x108, address, wrong, owner));
    MmUnmapReservedMapping(address, tag, mdl);
    MmFreeMappingAddress(address, wrong);
    CHECK(misused(0x101, address, wrong, owner));
    MmFreeMappingAddress(address, tag);
    CHECK(recorded.count == 0);
    return 0;
}

int guest_main(void)
{
    PMDL mdl = lock_pages(3);
    PMDL larger = lock_pages(5);

    CHECK(mdl != NULL && larger != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 3, 7);
    CHECK(use(TAG, TAG ^ 1, mdl) == 0);
    CHECK(use(TAG ^ 1, TAG, mdl) == 0);
    CHECK(use(OTHER, OTHER, mdl) == 0);
    CHECK(use(1, 0, mdl) == 0);
    CHECK(use(0xffffffff, 0xfffffffe, mdl) == 0);

    /* Where the VMM is not asked, too. */
    PVOID address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    CHECK(address != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG ^ 1, larger, MmCached) == NULL);
    CHECK(recorded.count == 0);
    CHECK(MmAllocateMappingAddress(PAGE_SIZE, 0) == NULL); /* still no tag */
    return 0;
}
