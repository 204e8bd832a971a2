/* SPDX-License-Identifier: MIT
 * MmAllocatePagesForMdl: zeroed pages from the range asked for, as many as there are, and all of
 * them come back. */
/* vm: --memory 32M */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define MIB 0x100000

static PHYSICAL_ADDRESS at(LONGLONG address)
{
    return (PHYSICAL_ADDRESS){.QuadPart = address};
}

static bool all_within(PMDL mdl, PFN_NUMBER low, PFN_NUMBER high)
{
    for (ULONG i = 0; i < MmGetMdlByteCount(mdl) / PAGE_SIZE; i++) {
        if (MmGetMdlPfnArray(mdl)[i] < low || MmGetMdlPfnArray(mdl)[i] > high)
            return false;
    }
    return true;
}

static PMDL full(ULONG flags)
{
    return MmAllocatePagesForMdlEx(at(16 * MIB), at(16 * MIB + 7 * PAGE_SIZE), at(0),
                                   12 * PAGE_SIZE, MmCached, flags);
}

int guest_main(void)
{
    const size_t before = nano_pages_free();
    PUCHAR address = MmAllocateMappingAddress(PAGE_SIZE, TAG);

    CHECK(address != NULL);
    /* One byte is one page. */
    PMDL mdl = MmAllocatePagesForMdl(at(0), at(-1), at(0), 1);
    CHECK(mdl != NULL && MmGetMdlByteCount(mdl) == PAGE_SIZE && MmGetMdlByteOffset(mdl) == 0);
    CHECK(mdl->MdlFlags & MDL_PAGES_LOCKED);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    RtlFillMemory(address, PAGE_SIZE, 0xa5);
    MmUnmapReservedMapping(address, TAG, mdl);
    MmFreePagesFromMdl(mdl);
    MmFreePagesFromMdl(mdl); /* does nothing */
    PMDL again = MmAllocatePagesForMdl(at(0), at(-1), at(0), PAGE_SIZE);
    CHECK(again != NULL && MmGetMdlPfnArray(again)[0] == MmGetMdlPfnArray(mdl)[0]);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, again, MmCached) == address);
    for (ULONG i = 0; i < PAGE_SIZE; i += 256)
        CHECK(address[i] == 0);
    MmUnmapReservedMapping(address, TAG, again);
    ExFreePool(mdl);
    free_any_pages(again);

    /* A range of eight pages has eight, and with a skip the next ranges follow. */
    mdl = MmAllocatePagesForMdl(at(16 * MIB), at(16 * MIB + 7 * PAGE_SIZE), at(0), MIB);
    CHECK(mdl != NULL && MmGetMdlByteCount(mdl) == 8 * PAGE_SIZE);
    CHECK(all_within(mdl, 16 * MIB >> PAGE_SHIFT, (16 * MIB >> PAGE_SHIFT) + 7));
    CHECK(full(0) == NULL); /* used up */
    free_any_pages(mdl);
    mdl = MmAllocatePagesForMdl(at(16 * MIB), at(16 * MIB + 7 * PAGE_SIZE), at(4 * MIB),
                                20 * PAGE_SIZE);
    CHECK(mdl != NULL && MmGetMdlByteCount(mdl) == 20 * PAGE_SIZE);
    for (ULONG i = 0; i < 20; i++)
        CHECK((MmGetMdlPfnArray(mdl)[i] - (16 * MIB >> PAGE_SHIFT)) % 1024 < 8);
    free_any_pages(mdl);

    mdl = full(0);
    CHECK(mdl != NULL && MmGetMdlByteCount(mdl) == 8 * PAGE_SIZE);
    free_any_pages(mdl);
    CHECK(full(MM_ALLOCATE_FULLY_REQUIRED) == NULL);
    CHECK(full(MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS) == NULL);
    CHECK(full(0x80000000u) == NULL);

    /* Nothing there, or nothing asked for. */
    CHECK(MmAllocatePagesForMdl(at((LONGLONG)1 << 40), at(-1), at(0), PAGE_SIZE) == NULL);
    CHECK(MmAllocatePagesForMdl(at((LONGLONG)1 << 40), at(-1), at(PAGE_SIZE), PAGE_SIZE) == NULL);
    CHECK(MmAllocatePagesForMdl(at(2 * MIB), at(MIB), at(0), PAGE_SIZE) == NULL);
    CHECK(MmAllocatePagesForMdl(at(0), at(-1), at(PAGE_SIZE / 2), PAGE_SIZE) == NULL);
    CHECK(MmAllocatePagesForMdl(at(0), at(-1), at(0), 0) == NULL);
    CHECK(MmAllocatePagesForMdl(at(0), at(-1), at(0), (SIZE_T)1 << 32) == NULL);
    CHECK(MmAllocatePagesForMdlEx(at(0), at(-1), at(0), 1, MmMaximumCacheType, 0) == NULL);

    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    /* What stays behind is the library's own: argument pages, tables of the window, pieces. */
    CHECK(before - nano_pages_free() < 100);
    return 0;
}
