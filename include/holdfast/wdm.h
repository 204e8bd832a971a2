/* SPDX-License-Identifier: MIT
 *
 * Holdfast under the WDK's names: driver code that reserves mapping addresses and maps locked
 * pages compiles against this header and runs in a guest of Holdfast. Compiles alone as C11 and
 * C++11; its parts are in holdfast/wdm/.
 *
 * The routines behave as the WDK documents them. Misuse is KeBugCheckEx(SYSTEM_PTE_MISUSE, code,
 * ...) with the codes and parameters of Windows' bug check 0xDA. Should KeBugCheckEx() return,
 * because the guest defined its own, then the routine returns (NULL if it has a value) and has
 * changed nothing. */
#ifndef HOLDFAST_WDM_H
#define HOLDFAST_WDM_H

#include "holdfast/wdm/annotations.h"
#include "holdfast/wdm/list.h"
#include "holdfast/wdm/mdl.h"
#include "holdfast/wdm/pool.h"
#include "holdfast/wdm/runtime.h"
#include "holdfast/wdm/spin_lock.h"
#include "holdfast/wdm/types.h"

/* Drivers write their tags as constants of four characters, 'gaTM'. */
#pragma GCC diagnostic ignored "-Wmultichar"
/* ... and say with pragmas where code goes, and what their own compiler is not to warn of. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _MEMORY_CACHING_TYPE {
    MmNotMapped = -1,
    MmNonCached = 0,
    MmCached = 1,
    MmWriteCombined = 2,
    MmHardwareCoherentCached = 3,
    MmNonCachedUnordered = 4,
    MmUSWCCached = 5,
    MmMaximumCacheType = 6,
} MEMORY_CACHING_TYPE;

typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;
typedef CHAR KPROCESSOR_MODE;

typedef enum _LOCK_OPERATION { IoReadAccess, IoWriteAccess, IoModifyAccess } LOCK_OPERATION;

typedef struct _IO_STATUS_BLOCK {
    __extension__ union {
        NTSTATUS Status;
        PVOID Pointer;
    };
    ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

/* The beginning of an IRP: what a driver's mapping code sees of it. There is no I/O manager. */
typedef struct _IRP {
    CSHORT Type;
    USHORT Size;
    PMDL MdlAddress;
    ULONG Flags;
    PVOID AssociatedIrp;
    PVOID ThreadListEntry[2];
    IO_STATUS_BLOCK IoStatus;
} IRP, *PIRP;

/* ---- bug checks ---- */

#define KMODE_EXCEPTION_NOT_HANDLED 0x1E
#define TARGET_MDL_TOO_SMALL        0x40
#define PFN_LIST_CORRUPT            0x4E
#define BAD_POOL_CALLER             0xC2
#define SYSTEM_PTE_MISUSE           0xDA

/* First parameter of SYSTEM_PTE_MISUSE, not one of Windows': the pages of an MDL that is still
 * mapped with a reservation are given back. Second: the MDL, third: its mapping. */
#define HF_MISUSE_PAGES_STILL_MAPPED 0x4801

/* The library's prints the five numbers and ends the machine with the low 8 bits of BugCheckCode
 * as its status; it is weak, so a guest may define its own. */
VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
                  ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4);

/* ---- reserved mappings ---- */

/* A tag that differs from the owner's in bit 0 alone is the owner's, as in Windows, which does not
 * keep that bit. A driver must not rely on it: the WDK wants the same tag. */

#define MM_MAPPING_ADDRESS_DIVISIBLE 0x1

/* Reserves address space for mappings of up to NumberOfBytes, and everything that mapping there
 * needs. At IRQL <= APC_LEVEL.
 * NULL: tag 0, unknown flags, 2^32 pages or more, or no resources left. Bug check 0x100. */
PVOID MmAllocateMappingAddress(SIZE_T NumberOfBytes, ULONG PoolTag);
PVOID MmAllocateMappingAddressEx(SIZE_T NumberOfBytes, ULONG PoolTag, ULONG Flags);

/* Maps the MDL's pages from that page of the reservation on in which MappingAddress lies: usually
 * the first. A reservation takes several MDLs, each in pages that no other has; so a buffer may be
 * mapped twice, end to end. The WDK wants the address that MmAllocateMappingAddress() returned, but
 * Windows takes others inside the reservation, too, and Microsoft's MIDI driver (minmidi) relies
 * on it.
 * Only the first MDL of a chain counts. CacheType counts for pages without a type
 * of their own, those of MmAllocatePagesForMdl(); others keep theirs. At IRQL <= DISPATCH_LEVEL.
 * NULL: only for an error in the parameters: an MDL that is empty, at whatever byte offset,
 * larger than what the reservation has from there on, not locked down or of pages that are not RAM;
 * an unknown CacheType. Never for want of resources. NULL leaves everything as it was.
 * Bug checks 0x104; 0x105 outside of all reservations; 0x107 where one of the pages is mapped. */
PVOID MmMapLockedPagesWithReservedMapping(PVOID MappingAddress, ULONG PoolTag,
                                          PMDL MemoryDescriptorList, MEMORY_CACHING_TYPE CacheType);

/* Unmaps what one call has mapped: BaseAddress lies in its first page, as what the call returned
 * does, and the MDL tells how many pages it has. The others in the reservation stay. At IRQL <=
 * DISPATCH_LEVEL. Bug checks 0x108 to 0x10C; 0x10B and 0x10C for pages that are not just those of
 * one call. */
VOID MmUnmapReservedMapping(PVOID BaseAddress, ULONG PoolTag, PMDL MemoryDescriptorList);

/* Gives the reservation back. BaseAddress lies in its first page. At IRQL <= APC_LEVEL. Bug checks
 * 0x101; 0x102 for any other address; 0x103 while an MDL is mapped in it. */
VOID MmFreeMappingAddress(PVOID BaseAddress, ULONG PoolTag);

/* ---- MDLs ---- */

/* Bytes of an MDL for this buffer. */
SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length);

/* An MDL from the pool, NULL for want of memory. With an Irp it becomes the Irp's MDL, or with
 * SecondaryBuffer the last of the Irp's chain. Not above APC_LEVEL. */
PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota,
                   PIRP Irp);
VOID IoFreeMdl(PMDL Mdl);

/* Makes TargetMdl describe a part of the buffer of SourceMdl, which must be locked down; Length 0
 * means up to its end. Where SourceMdl is mapped, TargetMdl shares that mapping as long as it
 * lasts: MmGetSystemAddressForMdlSafe() of it is where its first byte is there. A map gives it a
 * mapping of its own instead, and after the unmap of that it has none. Bug check
 * TARGET_MDL_TOO_SMALL, also for a part that is not inside. */
VOID IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length);

/* Fills in the pages of a buffer in the kernel's memory, all of which is non-paged here. Where
 * nothing is mapped in the buffer, and for UserMode, where Windows would raise
 * STATUS_ACCESS_VIOLATION, this is bug check KMODE_EXCEPTION_NOT_HANDLED. */
VOID MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList);
VOID MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
                         LOCK_OPERATION Operation);

/* Bug check PFN_LIST_CORRUPT (7) for an MDL that is not locked; HF_MISUSE_PAGES_STILL_MAPPED. */
VOID MmUnlockPages(PMDL MemoryDescriptorList);

/* The address in RAM, 0 if nothing is mapped there. */
PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress);

/* ---- pages without a mapping ---- */

#define MM_DONT_ZERO_ALLOCATION               0x00000001u
#define MM_ALLOCATE_FROM_LOCAL_NODE_ONLY      0x00000002u
#define MM_ALLOCATE_FULLY_REQUIRED            0x00000004u
#define MM_ALLOCATE_NO_WAIT                   0x00000008u
#define MM_ALLOCATE_PREFER_CONTIGUOUS         0x00000010u
#define MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS 0x00000020u
#define MM_ALLOCATE_FAST_LARGE_PAGES          0x00000040u
#define MM_ALLOCATE_TRIM_IF_NECESSARY         0x00000080u
#define MM_ALLOCATE_AND_HOT_REMOVE            0x00000100u

/* Pages of RAM between the two addresses, or as many as there are: MmGetMdlByteCount() tells.
 * With SkipBytes, a multiple of the page size, the range moves on by so much when it is used up.
 * The pages of the first routine have no cache type; those of the second have the one given.
 * MM_ALLOCATE_FULLY_REQUIRED: all or none. MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS and
 * MM_ALLOCATE_AND_HOT_REMOVE cannot be had: NULL. The other flags are hints and change nothing.
 * NULL: no page at all, bad arguments, 4 GiB or more, or no memory for the MDL. */
PMDL MmAllocatePagesForMdl(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress,
                           PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes);
PMDL MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress,
                             PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes,
                             MEMORY_CACHING_TYPE CacheType, ULONG Flags);

/* Gives the pages back; the MDL itself goes with ExFreePool(). A second time it does nothing.
 * Bug check HF_MISUSE_PAGES_STILL_MAPPED. */
VOID MmFreePagesFromMdl(PMDL MemoryDescriptorList);

#ifdef __cplusplus
}
#endif

#endif
