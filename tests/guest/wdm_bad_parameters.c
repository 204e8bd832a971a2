/* SPDX-License-Identifier: MIT
 * Errors in the parameters of a map that are no bug check: NULL, and nothing is mapped. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

static BOOLEAN refused(PVOID address, PMDL mdl, MEMORY_CACHING_TYPE type)
{
    return MmMapLockedPagesWithReservedMapping(address, TAG, mdl, type) == NULL &&
           !(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
}

int guest_main(void)
{
    PVOID address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(4);

    CHECK(address != NULL && mdl != NULL);
    CHECK(refused(address, mdl, MmMaximumCacheType));
    CHECK(refused(address, mdl, MmNotMapped));
    CHECK(refused(address, mdl, (MEMORY_CACHING_TYPE)77));

    MmUnlockPages(mdl);
    CHECK(refused(address, mdl, MmCached));
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);

    /* The last page is none: not one of the other three may be left mapped. */
    const PFN_NUMBER page = MmGetMdlPfnArray(mdl)[3];
    MmGetMdlPfnArray(mdl)[3] = (PFN_NUMBER)1 << 40;
    CHECK(refused(address, mdl, MmCached));
    MmGetMdlPfnArray(mdl)[3] = page;

    PVOID empty = MmGetMdlVirtualAddress(mdl);
    MmInitializeMdl(mdl, empty, 0);
    MmBuildMdlForNonPagedPool(mdl);
    CHECK(refused(address, mdl, MmCached));

    MmInitializeMdl(mdl, empty, 4 * PAGE_SIZE);
    MmBuildMdlForNonPagedPool(mdl);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
