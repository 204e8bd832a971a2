/* SPDX-License-Identifier: MIT
 * Pool: memory by size and tag. All of it is non-paged. */
#ifndef HOLDFAST_WDM_POOL_H
#define HOLDFAST_WDM_POOL_H

#include "holdfast/wdm/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _POOL_TYPE {
    NonPagedPool = 0,
    NonPagedPoolExecute = NonPagedPool,
    PagedPool = 1,
    NonPagedPoolCacheAligned = 4,
    PagedPoolCacheAligned = 5,
    NonPagedPoolNx = 512,
    NonPagedPoolNxCacheAligned = 516,
} POOL_TYPE;

typedef ULONG64 POOL_FLAGS;

#define POOL_FLAG_UNINITIALIZED     0x0000000000000002ULL
#define POOL_FLAG_CACHE_ALIGNED     0x0000000000000008ULL
#define POOL_FLAG_NON_PAGED         0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED             0x0000000000000100ULL

/* NULL when the kernel has no memory, and for tag 0. The memory is contiguous in RAM; a page or
 * more is aligned to a page, less does not cross one. Not above APC_LEVEL: unlike Windows' pool
 * it comes straight from the kernel's allocator. */
PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);

/* A pointer that is not from the pool, one freed before, or a wrong tag (0: any) is bug check
 * BAD_POOL_CALLER with Windows' codes 0x46, 0x7 and 0xA. */
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);
VOID ExFreePool(PVOID P);

#ifdef __cplusplus
}
#endif

#endif
