/* SPDX-License-Identifier: MIT
 * More extents than one page list holds: the mapping is one for the driver all the same, and so
 * are its misuse codes. */
#include "holdfast/guest.h"
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define PAGES   (HF_LIST_MAX + 40)
#define SOURCES 61u /* pages that appear again and again */
#define STEP    60  /* of the pages looked at */

/* An MDL made by hand, in which no page follows the one before it. */
static PMDL repeat(PMDL sources)
{
    PMDL mdl = IoAllocateMdl(NULL, PAGES * PAGE_SIZE, FALSE, FALSE, NULL);

    if (mdl == NULL)
        return NULL;
    for (ULONG i = 0; i < PAGES; i++)
        MmGetMdlPfnArray(mdl)[i] = MmGetMdlPfnArray(sources)[i * 2 % SOURCES];
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    return mdl;
}

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress((PAGES + 1) * PAGE_SIZE, TAG);
    PMDL sources = lock_pages(SOURCES);
    struct hf_info info;

    CHECK(address != NULL && sources != NULL);
    stamp(MmGetMdlVirtualAddress(sources), SOURCES, 5);
    PMDL mdl = repeat(sources);
    CHECK(mdl != NULL);

    /* A bad page behind the first list: the first list is not left mapped. */
    const PFN_NUMBER page = MmGetMdlPfnArray(mdl)[PAGES - 1];
    MmGetMdlPfnArray(mdl)[PAGES - 1] = (PFN_NUMBER)1 << 40;
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == NULL);
    MmGetMdlPfnArray(mdl)[PAGES - 1] = page;

    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    for (ULONG i = 0; i < PAGES; i += STEP)
        CHECK(*(volatile ULONG *)(PVOID)(address + (SIZE_T)i * PAGE_SIZE) ==
              0x50000u + i * 2 % SOURCES);
    CHECK(recorded.count == 0);

    MmUnmapReservedMapping(address, OTHER, mdl);
    CHECK(misused(0x108, address, OTHER, TAG));
    mdl->ByteCount = HF_LIST_MAX * PAGE_SIZE; /* just the first list */
    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(misused(0x10c, address, TAG, HF_LIST_MAX));
    mdl->ByteCount = (PAGES + 1) * PAGE_SIZE;
    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(misused(0x10b, address, TAG, PAGES + 1));
    mdl->ByteCount = (PAGES + 2) * PAGE_SIZE;
    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(misused(0x10a, address, PAGES + 1, PAGES + 2));

    mdl->ByteCount = PAGES * PAGE_SIZE;
    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    CHECK(hf_info(&info) == HF_OK && info.arena_free == info.arena_pages);
    return 0;
}
