/* SPDX-License-Identifier: MIT
 * A partial MDL of one that is mapped shares the mapping: its system address is where its first
 * byte is there, and it needs no mapping of its own. It may have one nevertheless. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define SHARED (MDL_PARTIAL | MDL_MAPPED_TO_SYSTEM_VA)

static PUCHAR system_address(PMDL mdl)
{
    return MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
}

/* Parts that begin on a page and inside one, and a part of a part. */
static int share(PMDL source, PUCHAR mapped, PMDL part, PMDL smaller)
{
    PUCHAR buffer = MmGetMdlVirtualAddress(source);

    for (ULONG skipped = 0; skipped < 2 * PAGE_SIZE; skipped += 0x555) {
        IoBuildPartialMdl(source, part, buffer + skipped, 0x500);
        CHECK((part->MdlFlags & (SHARED | MDL_PARTIAL_HAS_BEEN_MAPPED)) == SHARED);
        CHECK(system_address(part) == mapped + skipped);
        CHECK(RtlEqualMemory(system_address(part), buffer + skipped, 8));
        IoBuildPartialMdl(part, smaller, buffer + skipped + 0x123, 0);
        CHECK(system_address(smaller) == mapped + skipped + 0x123);
    }
    return 0;
}

/* A partial MDL that shares a mapping is mapped elsewhere, and has no mapping after that. */
static int map_elsewhere(PMDL source, PMDL part, PUCHAR other)
{
    PUCHAR buffer = MmGetMdlVirtualAddress(source);
    PVOID before = source->MappedSystemVa;

    IoBuildPartialMdl(source, part, buffer + PAGE_SIZE, PAGE_SIZE);
    CHECK(MmMapLockedPagesWithReservedMapping(other, TAG, part, MmCached) ==
          other + BYTE_OFFSET(buffer));
    CHECK(part->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED && system_address(part) == other);
    MmUnmapReservedMapping(other, TAG, part);
    CHECK(!(part->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED)));
    CHECK(source->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA && source->MappedSystemVa == before);
    return 0;
}

static int check(PMDL source, PUCHAR address, PUCHAR other)
{
    PUCHAR buffer = MmGetMdlVirtualAddress(source);
    PMDL part = IoAllocateMdl(NULL, 3 * PAGE_SIZE, FALSE, FALSE, NULL);
    PMDL smaller = IoAllocateMdl(NULL, 3 * PAGE_SIZE, FALSE, FALSE, NULL);
    PUCHAR mapped = MmMapLockedPagesWithReservedMapping(address, TAG, source, MmCached);

    CHECK(part != NULL && smaller != NULL && mapped == address + BYTE_OFFSET(buffer));
    CHECK(share(source, mapped, part, smaller) == 0);
    CHECK(map_elsewhere(source, part, other) == 0);
    MmPrepareMdlForReuse(part); /* of one that shares: the mapping stays */
    IoBuildPartialMdl(source, part, buffer, PAGE_SIZE);
    MmPrepareMdlForReuse(part);
    CHECK(RtlEqualMemory(mapped, buffer, 8));
    IoFreeMdl(part);
    IoFreeMdl(smaller);
    MmUnmapReservedMapping(address, TAG, source);
    CHECK(recorded.count == 0);
    return 0;
}

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PUCHAR other = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PUCHAR buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, 4 * PAGE_SIZE, TAG);
    PMDL mdl, part;

    CHECK(address != NULL && other != NULL && buffer != NULL);
    for (ULONG i = 0; i < 4 * PAGE_SIZE / sizeof(ULONG); i++)
        ((PULONG)(PVOID)buffer)[i] = i;
    for (ULONG offset = 0; offset < PAGE_SIZE; offset += 0xabc) {
        mdl = lock_part(buffer + offset, 3 * PAGE_SIZE);
        CHECK(mdl != NULL);
        CHECK(check(mdl, address, other) == 0);
        MmUnlockPages(mdl);
        /* Over pool that is mapped once more, and then only where it is. */
        MmBuildMdlForNonPagedPool(mdl);
        CHECK(check(mdl, address, other) == 0);
        part = IoAllocateMdl(buffer + offset, PAGE_SIZE, FALSE, FALSE, NULL);
        CHECK(part != NULL);
        IoBuildPartialMdl(mdl, part, buffer + offset + 5, 100);
        CHECK(system_address(part) == buffer + offset + 5);
        CHECK(!(part->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
        IoFreeMdl(part);
        IoFreeMdl(mdl);
    }

    /* Of one that is not mapped: no system address, as before. */
    mdl = lock_part(buffer, 3 * PAGE_SIZE);
    part = IoAllocateMdl(buffer, PAGE_SIZE, FALSE, FALSE, NULL);
    CHECK(mdl != NULL && part != NULL);
    IoBuildPartialMdl(mdl, part, buffer + PAGE_SIZE, 100);
    CHECK(system_address(part) == NULL && part->MdlFlags == MDL_PARTIAL);
    MmUnlockPages(mdl);
    CHECK(recorded.count == 0);
    return 0;
}
