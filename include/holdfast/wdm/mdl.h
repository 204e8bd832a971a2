/* SPDX-License-Identifier: MIT
 * The memory descriptor list: a buffer, and behind it the numbers of its pages. The layout is
 * that of 64-bit Windows. */
#ifndef HOLDFAST_WDM_MDL_H
#define HOLDFAST_WDM_MDL_H

#include "holdfast/wdm/types.h"

#define PAGE_SHIFT HF_PAGE_SHIFT
#define PAGE_SIZE  0x1000

#define BYTE_OFFSET(Va)      ((ULONG)((ULONG_PTR)(Va) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(Va)       ((PVOID)((ULONG_PTR)(Va) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(Size) (((ULONG_PTR)(Size) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define BYTES_TO_PAGES(Size)                                                                       \
    (((SIZE_T)(Size) >> PAGE_SHIFT) + (((SIZE_T)(Size) & (PAGE_SIZE - 1)) != 0))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size)                                                   \
    (((SIZE_T)(Size) >> PAGE_SHIFT) +                                                              \
     ((BYTE_OFFSET(Va) + ((SIZE_T)(Size) & (PAGE_SIZE - 1)) + PAGE_SIZE - 1) >> PAGE_SHIFT))

struct _EPROCESS;

typedef struct _MDL {
    struct _MDL *Next;
    CSHORT Size;
    CSHORT MdlFlags;
    USHORT AllocationProcessorNumber;
    USHORT Reserved; /* the library's: the cache type of the pages */
    struct _EPROCESS *Process;
    PVOID MappedSystemVa;
    PVOID StartVa;
    ULONG ByteCount;
    ULONG ByteOffset;
} MDL, *PMDL;

HF_STATIC_ASSERT(sizeof(MDL) == 48, "as in 64-bit Windows");
HF_STATIC_ASSERT(offsetof(MDL, Process) == 16, "as in 64-bit Windows");
HF_STATIC_ASSERT(offsetof(MDL, ByteCount) == 40, "as in 64-bit Windows");

#define MDL_MAPPED_TO_SYSTEM_VA     0x0001
#define MDL_PAGES_LOCKED            0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_ALLOCATED_FIXED_SIZE    0x0008
#define MDL_PARTIAL                 0x0010
#define MDL_PARTIAL_HAS_BEEN_MAPPED 0x0020
#define MDL_IO_PAGE_READ            0x0040
#define MDL_WRITE_OPERATION         0x0080
#define MDL_LOCKED_PAGE_TABLES      0x0100
#define MDL_PARENT_MAPPED_SYSTEM_VA MDL_LOCKED_PAGE_TABLES
#define MDL_FREE_EXTRA_PTES         0x0200
#define MDL_DESCRIBES_AWE           0x0400
#define MDL_IO_SPACE                0x0800
#define MDL_NETWORK_HEADER          0x1000
#define MDL_MAPPING_CAN_FAIL        0x2000
#define MDL_PAGE_CONTENTS_INVARIANT 0x4000
#define MDL_ALLOCATED_MUST_SUCCEED  MDL_PAGE_CONTENTS_INVARIANT
#define MDL_INTERNAL                0x8000

#define MmGetMdlPfnArray(Mdl)       ((PPFN_NUMBER)((Mdl) + 1))
#define MmGetMdlByteCount(Mdl)      ((Mdl)->ByteCount)
#define MmGetMdlByteOffset(Mdl)     ((Mdl)->ByteOffset)
#define MmGetMdlBaseVa(Mdl)         ((Mdl)->StartVa)
#define MmGetMdlVirtualAddress(Mdl) ((PVOID)((PCHAR)((Mdl)->StartVa) + (Mdl)->ByteOffset))

/* What an MDL of more than 8184 pages has as its Size: the member is too small for the truth. */
#define HF_MDL_SIZE_UNKNOWN 0xfff8

/* Writes an empty MDL for the buffer into memory of MmSizeOfMdl() bytes. */
static inline VOID MmInitializeMdl(PMDL Mdl, PVOID BaseVa, SIZE_T Length)
{
    SIZE_T size = sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(BaseVa, Length);

    Mdl->Next = NULL;
    Mdl->Size = (CSHORT)(size < HF_MDL_SIZE_UNKNOWN ? size : HF_MDL_SIZE_UNKNOWN);
    Mdl->MdlFlags = 0;
    Mdl->AllocationProcessorNumber = 0;
    Mdl->Reserved = 0;
    Mdl->Process = NULL;
    Mdl->MappedSystemVa = NULL;
    Mdl->StartVa = PAGE_ALIGN(BaseVa);
    Mdl->ByteCount = (ULONG)Length;
    Mdl->ByteOffset = BYTE_OFFSET(BaseVa);
}

typedef enum _MM_PAGE_PRIORITY {
    LowPagePriority = 0,
    NormalPagePriority = 16,
    HighPagePriority = 32,
} MM_PAGE_PRIORITY;

#define MdlMappingNoWrite   0x80000000u
#define MdlMappingNoExecute 0x40000000u

/* The address at which an MDL is mapped already, for a partial one in its source's mapping, too, or
 * NULL as from a Windows that has no system page-table entries left: this machine has none but
 * those in reservations. As in Windows, after MmMapLockedPagesWithReservedMapping() the answer
 * lacks the MDL's byte offset. */
static inline PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
    (void)Priority;
    if (Mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL))
        return Mdl->MappedSystemVa;
    return NULL;
}

/* Before a partial MDL describes another part. There is nothing to undo: the mapping that it
 * shares is its source's, and one of its own is MmUnmapReservedMapping()'s to end. */
#define MmPrepareMdlForReuse(Mdl) ((void)(Mdl))

#endif
