/* SPDX-License-Identifier: MIT
 * MDLs come, go and are divided. */
#include "guest/lib/wdm/mdl_pages.h"
#include "holdfast/wdm.h"

#include <stdbool.h>

SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length)
{
    return sizeof(MDL) + ADDRESS_AND_SIZE_TO_SPAN_PAGES(Base, Length) * sizeof(PFN_NUMBER);
}

/* Makes the MDL the Irp's, or the last of its chain. */
static void link_to_irp(PIRP irp, PMDL mdl, BOOLEAN secondary)
{
    PMDL *last = &irp->MdlAddress;

    if (secondary) {
        while (*last != NULL)
            last = &(*last)->Next;
    }
    *last = mdl;
}

PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota,
                   PIRP Irp)
{
    PMDL mdl = ExAllocatePoolWithTag(NonPagedPool, MmSizeOfMdl(VirtualAddress, Length), HF_TAG_MDL);

    UNREFERENCED_PARAMETER(ChargeQuota);
    if (mdl == NULL)
        return NULL;
    MmInitializeMdl(mdl, VirtualAddress, Length);
    if (Irp != NULL)
        link_to_irp(Irp, mdl, SecondaryBuffer);
    return mdl;
}

VOID IoFreeMdl(PMDL Mdl)
{
    ExFreePoolWithTag(Mdl, HF_TAG_MDL);
}

/* Whether the MDL was made for so many pages or more. */
static bool has_room(const MDL *mdl, SIZE_T pages)
{
    SIZE_T size = (USHORT)mdl->Size;

    return size == HF_MDL_SIZE_UNKNOWN || pages <= (size - sizeof(MDL)) / sizeof(PFN_NUMBER);
}

/* Where a system address is that the target has by its source: in the source's mapping, or where
 * the pool is. Sets the flags that say so. */
static void inherit_address(const MDL *source, PMDL target, ULONG_PTR skipped)
{
    int inherited = source->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL);

    target->MappedSystemVa = NULL;
    if (!inherited)
        return;
    hf_mdl_set(target, inherited);
    /* After MmMapLockedPagesWithReservedMapping() the source's lacks its byte offset. */
    target->MappedSystemVa =
        (PCHAR)PAGE_ALIGN(source->MappedSystemVa) + source->ByteOffset + skipped;
}

VOID IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length)
{
    ULONG_PTR skipped = (ULONG_PTR)VirtualAddress - (ULONG_PTR)MmGetMdlVirtualAddress(SourceMdl);
    bool inside = skipped <= SourceMdl->ByteCount;
    ULONG rest = inside ? SourceMdl->ByteCount - (ULONG)skipped : 0;
    ULONG length = Length == 0 ? rest : Length;
    SIZE_T pages = length == 0 ? 0 : ADDRESS_AND_SIZE_TO_SPAN_PAGES(VirtualAddress, length);
    SIZE_T first = ((ULONG_PTR)VirtualAddress - (ULONG_PTR)SourceMdl->StartVa) >> PAGE_SHIFT;

    if (!inside || length > rest || !has_room(TargetMdl, pages)) {
        KeBugCheckEx(TARGET_MDL_TOO_SMALL, (ULONG_PTR)SourceMdl, (ULONG_PTR)TargetMdl,
                     (ULONG_PTR)VirtualAddress, Length);
        return;
    }
    RtlCopyMemory(MmGetMdlPfnArray(TargetMdl), MmGetMdlPfnArray(SourceMdl) + first,
                  pages * sizeof(PFN_NUMBER));
    TargetMdl->MdlFlags = hf_mdl_is_locked(SourceMdl) ? MDL_PARTIAL : 0;
    TargetMdl->Reserved = SourceMdl->Reserved;
    TargetMdl->Process = SourceMdl->Process;
    TargetMdl->StartVa = PAGE_ALIGN(VirtualAddress);
    TargetMdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
    TargetMdl->ByteCount = length;
    inherit_address(SourceMdl, TargetMdl, skipped);
}
