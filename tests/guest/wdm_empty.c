/* SPDX-License-Identifier: MIT
 * An MDL of no bytes has no pages, wherever in a page its buffer begins: it is never mapped,
 * locking it down finds nothing amiss, and it unmaps nothing that another MDL has mapped. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define OFFSET 0xabc

/* Neither from the pool nor locked down, and in part of one that is. */
static int refuse_all(PVOID address, PUCHAR buffer, PMDL empty)
{
    PMDL whole = lock_part(buffer, 2 * PAGE_SIZE);

    CHECK(whole != NULL);
    MmInitializeMdl(empty, buffer, 0);
    MmBuildMdlForNonPagedPool(empty);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, empty, MmCached) == NULL);
    CHECK(!(empty->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));

    MmInitializeMdl(empty, buffer, 0);
    MmProbeAndLockPages(empty, KernelMode, IoReadAccess);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, empty, MmCached) == NULL);
    MmUnlockPages(empty);

    IoBuildPartialMdl(whole, empty, buffer + 2 * PAGE_SIZE, 0); /* from its end to its end */
    CHECK(MmGetMdlByteCount(empty) == 0);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, empty, MmCached) == NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, OTHER, empty, MmCached) == NULL);
    CHECK(misused(0x104, address, OTHER, TAG));
    MmUnlockPages(whole);
    IoFreeMdl(whole);
    return 0;
}

int guest_main(void)
{
    PVOID address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PUCHAR buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, 4 * PAGE_SIZE, TAG);
    PMDL empty = IoAllocateMdl(NULL, PAGE_SIZE, FALSE, FALSE, NULL);
    PMDL one = lock_pages(1);

    CHECK(address != NULL && buffer != NULL && empty != NULL && one != NULL);
    CHECK(refuse_all(address, buffer, empty) == 0);
    CHECK(refuse_all(address, buffer + OFFSET, empty) == 0);
    CHECK(refuse_all(address, buffer + PAGE_SIZE - 1, empty) == 0);
    CHECK(recorded.count == 0);

    /* Less than what is mapped. */
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, one, MmCached) == address);
    MmInitializeMdl(empty, buffer + OFFSET, 0);
    MmUnmapReservedMapping(address, TAG, empty);
    CHECK(misused(0x10c, address, TAG, 0));
    MmUnmapReservedMapping(address, TAG, one);

    /* Nothing of a buffer from outside it is not an empty part of it. */
    IoBuildPartialMdl(one, empty, (PUCHAR)MmGetMdlVirtualAddress(one) - OFFSET, 0);
    CHECK(recorded.count == 1 && recorded.code == TARGET_MDL_TOO_SMALL);
    IoBuildPartialMdl(one, empty, (PUCHAR)MmGetMdlVirtualAddress(one) + PAGE_SIZE + 1, 0);
    CHECK(recorded.count == 2 && recorded.code == TARGET_MDL_TOO_SMALL);
    recorded.count = 0;

    MmFreeMappingAddress(address, TAG); /* nothing is mapped */
    CHECK(recorded.count == 0);
    return 0;
}
