/* SPDX-License-Identifier: MIT
 * MDLs over the kernel's own memory. None of it is ever paged out, so locking it down is to find
 * out its page numbers. */
#include "guest/lib/platform.h"
#include "guest/lib/wdm/mdl_pages.h"
#include "holdfast/wdm.h"

#define CODE_NOT_LOCKED 0x7 /* of PFN_LIST_CORRUPT: unlocked more often than locked */

/* Writes the page numbers of the buffer. False, with the first page's address that has none. */
static bool find_pages(PMDL mdl, ULONG_PTR *missing)
{
    PPFN_NUMBER page = MmGetMdlPfnArray(mdl);
    SIZE_T pages = hf_mdl_pages(mdl);
    hf_gpa gpa;

    for (SIZE_T i = 0; i < pages; i++) {
        const char *address = (const char *)mdl->StartVa + i * PAGE_SIZE;

        if (!hf_platform_gpa(address, &gpa)) {
            *missing = (ULONG_PTR)address;
            return false;
        }
        page[i] = gpa.value >> PAGE_SHIFT;
    }
    return true;
}

/* Where Windows raises the exception. */
static void access_violation(bool write, ULONG_PTR address, const void *caller)
{
    KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, (ULONG)STATUS_ACCESS_VIOLATION, (ULONG_PTR)caller,
                 write, address);
}

VOID MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList)
{
    ULONG_PTR missing;

    if (!find_pages(MemoryDescriptorList, &missing)) {
        access_violation(false, missing, __builtin_return_address(0));
        return;
    }
    hf_mdl_set(MemoryDescriptorList, MDL_SOURCE_IS_NONPAGED_POOL);
    MemoryDescriptorList->Process = NULL;
    MemoryDescriptorList->MappedSystemVa = MmGetMdlVirtualAddress(MemoryDescriptorList);
}

VOID MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
                         LOCK_OPERATION Operation)
{
    ULONG_PTR missing = (ULONG_PTR)MmGetMdlVirtualAddress(MemoryDescriptorList);

    if (AccessMode != KernelMode || !find_pages(MemoryDescriptorList, &missing)) {
        access_violation(Operation != IoReadAccess, missing, __builtin_return_address(0));
        return;
    }
    hf_mdl_clear(MemoryDescriptorList, MDL_WRITE_OPERATION);
    hf_mdl_set(MemoryDescriptorList,
               MDL_PAGES_LOCKED | (Operation != IoReadAccess ? MDL_WRITE_OPERATION : 0));
    MemoryDescriptorList->Process = NULL;
}

VOID MmUnlockPages(PMDL MemoryDescriptorList)
{
    PMDL mdl = MemoryDescriptorList;

    if (!(mdl->MdlFlags & MDL_PAGES_LOCKED))
        KeBugCheckEx(PFN_LIST_CORRUPT, CODE_NOT_LOCKED, *MmGetMdlPfnArray(mdl), 0, 0);
    else if (mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_MISUSE_PAGES_STILL_MAPPED, (ULONG_PTR)mdl,
                     (ULONG_PTR)mdl->MappedSystemVa, 0);
    else
        hf_mdl_clear(mdl, MDL_PAGES_LOCKED);
}

PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress)
{
    PHYSICAL_ADDRESS physical = {.QuadPart = 0};
    hf_gpa gpa;

    if (hf_platform_gpa(BaseAddress, &gpa))
        physical.QuadPart = (LONGLONG)gpa.value;
    return physical;
}
