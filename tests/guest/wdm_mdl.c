/* SPDX-License-Identifier: MIT
 * MDLs describe their buffers as in Windows, whole or in part. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

static PFN_NUMBER page_of(PVOID address)
{
    return (PFN_NUMBER)MmGetPhysicalAddress(address).QuadPart >> PAGE_SHIFT;
}

int guest_main(void)
{
    PUCHAR buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, 8 * PAGE_SIZE, TAG);
    PUCHAR nowhere = (PUCHAR)((ULONG_PTR)1 << 45);
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    IRP irp = {.MdlAddress = NULL};

    CHECK(buffer != NULL && address != NULL);
    CHECK(MmSizeOfMdl(buffer, 1) == sizeof(MDL) + 8);
    CHECK(MmSizeOfMdl(buffer + PAGE_SIZE - 1, 2) == sizeof(MDL) + 16);
    CHECK(MmSizeOfMdl(buffer + 1, PAGE_SIZE) == sizeof(MDL) + 16);

    PMDL mdl = IoAllocateMdl(buffer + 100, 3 * PAGE_SIZE, FALSE, FALSE, &irp);
    PMDL second = IoAllocateMdl(buffer, PAGE_SIZE, TRUE, FALSE, &irp);
    CHECK(mdl != NULL && second != NULL && irp.MdlAddress == mdl && mdl->Next == second &&
          second->Next == NULL);
    CHECK(MmGetMdlVirtualAddress(mdl) == buffer + 100 && MmGetMdlBaseVa(mdl) == buffer);
    CHECK(MmGetMdlByteOffset(mdl) == 100 && MmGetMdlByteCount(mdl) == 3 * PAGE_SIZE);
    CHECK(mdl->Size == (CSHORT)MmSizeOfMdl(buffer + 100, 3 * PAGE_SIZE));
    CHECK(mdl->MdlFlags == 0);

    MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
    CHECK(mdl->MdlFlags == (MDL_PAGES_LOCKED | MDL_WRITE_OPERATION));
    for (ULONG i = 0; i < 4; i++)
        CHECK(MmGetMdlPfnArray(mdl)[i] == page_of(buffer + i * PAGE_SIZE));
    CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == NULL);

    /* A part of it, through the mapping, in a second MDL that is used again. */
    stamp(buffer, 8, 1);
    PMDL part = IoAllocateMdl(buffer, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
    CHECK(part != NULL);
    IoBuildPartialMdl(mdl, part, buffer + 2 * PAGE_SIZE, 64);
    CHECK(MmGetMdlByteCount(part) == 64 && MmGetMdlVirtualAddress(part) == buffer + 2 * PAGE_SIZE);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, part, MmCached) == address);
    CHECK(part->MdlFlags == (MDL_PARTIAL | MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_MAPPED_TO_SYSTEM_VA));
    CHECK(MmGetSystemAddressForMdlSafe(part, NormalPagePriority) == address);
    CHECK(*(volatile ULONG *)(PVOID)address == 0x10002);
    MmUnmapReservedMapping(address, TAG, part);
    CHECK(part->MdlFlags == MDL_PARTIAL);
    IoBuildPartialMdl(mdl, part, buffer + PAGE_SIZE + 8, PAGE_SIZE);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, part, MmCached) == address + 8);
    CHECK(*(volatile ULONG *)(PVOID)(address + PAGE_SIZE) == 0x10002);
    MmUnmapReservedMapping(address, TAG, part);
    IoBuildPartialMdl(mdl, part, buffer + 3 * PAGE_SIZE, 0); /* to the end */
    CHECK(MmGetMdlByteCount(part) == 100 && recorded.count == 0);

    IoBuildPartialMdl(mdl, part, buffer + 100, 3 * PAGE_SIZE); /* four pages into two */
    CHECK(stopped(TARGET_MDL_TOO_SMALL, (ULONG_PTR)mdl, (ULONG_PTR)part, (ULONG_PTR)buffer + 100,
                  3 * PAGE_SIZE));
    IoBuildPartialMdl(mdl, part, buffer + 3 * PAGE_SIZE + 50, 51); /* one byte beyond */
    CHECK(recorded.count == 1 && recorded.code == TARGET_MDL_TOO_SMALL);
    IoBuildPartialMdl(mdl, part, buffer, 8); /* before it */
    CHECK(recorded.count == 2 && recorded.code == TARGET_MDL_TOO_SMALL);
    CHECK(MmGetMdlByteCount(part) == 100);
    recorded.count = 0;

    MmUnlockPages(mdl);
    CHECK(recorded.count == 0 && !(mdl->MdlFlags & MDL_PAGES_LOCKED));
    MmUnlockPages(mdl);
    CHECK(stopped(PFN_LIST_CORRUPT, 7, page_of(buffer), 0, 0));
    IoBuildPartialMdl(mdl, part, buffer + PAGE_SIZE, 8); /* of pages that are not locked */
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, part, MmCached) == NULL);

    /* Over pool: mapped where it is, and again after an unmap. */
    MmInitializeMdl(mdl, buffer + 100, PAGE_SIZE);
    MmBuildMdlForNonPagedPool(mdl);
    CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == buffer + 100);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address + 100);
    CHECK(mdl->MappedSystemVa == address);
    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(mdl->MdlFlags == MDL_SOURCE_IS_NONPAGED_POOL && mdl->MappedSystemVa == buffer + 100);

    /* Where Windows raises an exception. */
    CHECK(MmGetPhysicalAddress(nowhere).QuadPart == 0);
    MmInitializeMdl(mdl, nowhere, 64);
    MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
    CHECK(recorded.count == 1 && recorded.code == KMODE_EXCEPTION_NOT_HANDLED);
    CHECK(recorded.parameter[0] == (ULONG)STATUS_ACCESS_VIOLATION && recorded.parameter[2] == 1 &&
          recorded.parameter[3] == (ULONG_PTR)nowhere);
    CHECK(mdl->MdlFlags == 0);
    MmInitializeMdl(mdl, buffer, 64);
    MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
    CHECK(recorded.count == 2 && recorded.parameter[2] == 0 && mdl->MdlFlags == 0);
    return 0;
}
