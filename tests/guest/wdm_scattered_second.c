/* SPDX-License-Identifier: MIT
 * Two MDLs in one reservation, each with more extents than one page list holds: each is one mapping
 * for the driver, with its own misuse codes, and goes without the other. */
#include "holdfast/guest.h"
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define PAGES   (HF_LIST_MAX + 2)
#define SOURCES 61u /* pages that appear again and again */
#define STEP    151 /* of the pages looked at */

/* An MDL made by hand, in which no page follows the one before it. */
static PMDL repeat(PMDL sources, ULONG stride)
{
    PMDL mdl = IoAllocateMdl(NULL, PAGES * PAGE_SIZE, FALSE, FALSE, NULL);

    if (mdl == NULL)
        return NULL;
    for (ULONG i = 0; i < PAGES; i++)
        MmGetMdlPfnArray(mdl)[i] = MmGetMdlPfnArray(sources)[i * stride % SOURCES];
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    return mdl;
}

static bool shows(PUCHAR address, ULONG stride)
{
    for (ULONG i = 0; i < PAGES; i += STEP) {
        if (*(volatile ULONG *)(PVOID)(address + (SIZE_T)i * PAGE_SIZE) !=
            0x50000u + i * stride % SOURCES)
            return false;
    }
    return true;
}

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress((2 * PAGES + 1) * PAGE_SIZE, TAG);
    PUCHAR second = address + PAGES * PAGE_SIZE;
    PMDL sources = lock_pages(SOURCES);
    struct hf_info info;

    CHECK(address != NULL && sources != NULL);
    stamp(MmGetMdlVirtualAddress(sources), SOURCES, 5);
    PMDL one = repeat(sources, 2);
    PMDL other = repeat(sources, 3);
    CHECK(one != NULL && other != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(second, TAG, other, MmCached) == second);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, one, MmCached) == address);
    CHECK(shows(address, 2) && shows(second, 3) && recorded.count == 0);

    /* Each of them is refused in part, and both at once. */
    other->ByteCount = HF_LIST_MAX * PAGE_SIZE;
    MmUnmapReservedMapping(second, TAG, other);
    CHECK(misused(0x10c, second, TAG, HF_LIST_MAX));
    other->ByteCount = 2 * PAGE_SIZE; /* just its second list */
    MmUnmapReservedMapping(second + HF_LIST_MAX * PAGE_SIZE, TAG, other);
    CHECK(misused(0x10c, second + HF_LIST_MAX * PAGE_SIZE, TAG, 2));
    other->ByteCount = 2 * PAGES * PAGE_SIZE;
    MmUnmapReservedMapping(address, TAG, other);
    CHECK(misused(0x10c, address, TAG, 2 * PAGES));
    other->ByteCount = (PAGES + 1) * PAGE_SIZE;
    MmUnmapReservedMapping(second, TAG, other);
    CHECK(misused(0x10b, second, TAG, PAGES + 1));
    other->ByteCount = PAGES * PAGE_SIZE;
    MmUnmapReservedMapping(second, OTHER, other);
    CHECK(misused(0x108, second, OTHER, TAG));

    MmUnmapReservedMapping(second, TAG, other);
    CHECK(shows(address, 2) && recorded.count == 0);
    MmUnmapReservedMapping(second, TAG, other);
    CHECK(misused(0x10b, second, TAG, PAGES));
    MmUnmapReservedMapping(address, TAG, one);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    CHECK(hf_info(&info) == HF_OK && info.arena_free == info.arena_pages);
    return 0;
}
