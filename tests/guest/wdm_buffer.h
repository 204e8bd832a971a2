/* SPDX-License-Identifier: MIT
 * Buffers with an MDL over them, for guests that use the WDK's names. */
#ifndef HOLDFAST_TESTS_WDM_BUFFER_H
#define HOLDFAST_TESTS_WDM_BUFFER_H

#include "holdfast/wdm.h"

#include <stdbool.h>

#define TAG   'tseT'
#define OTHER 'rehO'

/* Makes an MDL for a part of a buffer and locks it down; NULL for want of memory. */
static inline PMDL lock_part(PVOID address, ULONG bytes)
{
    PMDL mdl = IoAllocateMdl(address, bytes, FALSE, FALSE, NULL);

    if (mdl != NULL)
        MmProbeAndLockPages(mdl, KernelMode, IoModifyAccess);
    return mdl;
}

/* A buffer of whole pages from the pool with its MDL. */
static inline PMDL lock_pages(ULONG pages)
{
    PVOID buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, (SIZE_T)pages * PAGE_SIZE, TAG);

    return buffer != NULL ? lock_part(buffer, pages * PAGE_SIZE) : NULL;
}

/* Frees what lock_pages() made. */
static inline VOID unlock_pages(PMDL mdl)
{
    PVOID buffer = MmGetMdlVirtualAddress(mdl);

    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
    ExFreePoolWithTag(buffer, TAG);
}

/* Turns the order of the pages round, so that none follows the one before it. */
static inline VOID scatter(PMDL mdl)
{
    PPFN_NUMBER page = MmGetMdlPfnArray(mdl);
    ULONG last = (ULONG)ADDRESS_AND_SIZE_TO_SPAN_PAGES((ULONG_PTR)MmGetMdlByteOffset(mdl),
                                                       MmGetMdlByteCount(mdl)) -
                 1;

    for (ULONG i = 0; i < last; i++, last--) {
        PFN_NUMBER first = page[i];

        page[i] = page[last];
        page[last] = first;
    }
}

/* MmAllocatePagesForMdl() without any wish where. */
static inline PMDL any_pages(ULONG pages)
{
    PHYSICAL_ADDRESS low = {.QuadPart = 0};
    PHYSICAL_ADDRESS high = {.QuadPart = -1};
    PHYSICAL_ADDRESS skip = {.QuadPart = 0};

    return MmAllocatePagesForMdl(low, high, skip, (SIZE_T)pages * PAGE_SIZE);
}

static inline VOID free_any_pages(PMDL mdl)
{
    MmFreePagesFromMdl(mdl);
    ExFreePool(mdl);
}

/* Writes a word to each page that tells the seed and the page's place. */
static inline VOID stamp(PVOID address, ULONG pages, ULONG seed)
{
    for (ULONG i = 0; i < pages; i++)
        *(volatile ULONG *)((PUCHAR)address + (SIZE_T)i * PAGE_SIZE) = seed * 0x10000u + i;
}

static inline bool is_stamped(PVOID address, ULONG pages, ULONG seed)
{
    for (ULONG i = 0; i < pages; i++) {
        if (*(volatile ULONG *)((PUCHAR)address + (SIZE_T)i * PAGE_SIZE) != seed * 0x10000u + i)
            return false;
    }
    return true;
}

#endif
