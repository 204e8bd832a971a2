/* SPDX-License-Identifier: MIT
 * Pages of RAM by number, without an address. */
#include "guest/lib/platform.h"
#include "guest/lib/wdm/mdl_pages.h"
#include "guest/lib/wdm/page_type.h"
#include "holdfast/wdm.h"

#define CODE_NOT_ALLOCATED 0x7 /* of PFN_LIST_CORRUPT: freed without having been taken */

#define HINTS                                                                                      \
    (MM_DONT_ZERO_ALLOCATION | MM_ALLOCATE_FROM_LOCAL_NODE_ONLY | MM_ALLOCATE_NO_WAIT |            \
     MM_ALLOCATE_PREFER_CONTIGUOUS | MM_ALLOCATE_FAST_LARGE_PAGES | MM_ALLOCATE_TRIM_IF_NECESSARY)

/* Where pages may come from, in page numbers. */
struct range {
    uint64_t low;
    uint64_t high;
    uint64_t skip;
};

#define PAGE_NUMBER_MAX (UINT64_MAX >> PAGE_SHIFT)

/* Moves on to the next range; false if there is none or no free page at or above it. */
static bool advance(struct range *range)
{
    if (range->skip == 0 || range->skip > PAGE_NUMBER_MAX - range->low)
        return false;
    range->low += range->skip;
    range->high =
        range->skip > PAGE_NUMBER_MAX - range->high ? PAGE_NUMBER_MAX : range->high + range->skip;
    const uint64_t page = hf_platform_take_page(range->low, PAGE_NUMBER_MAX);
    if (page == 0)
        return false;
    hf_platform_give_page(page);
    return true;
}

static SIZE_T take_pages(struct range range, PPFN_NUMBER page, SIZE_T wanted)
{
    SIZE_T taken = 0;

    while (taken < wanted) {
        uint64_t number =
            range.low <= range.high ? hf_platform_take_page(range.low, range.high) : 0;

        if (number != 0)
            page[taken++] = number;
        else if (!advance(&range))
            break;
    }
    return taken;
}

static void give_pages(const PFN_NUMBER *page, SIZE_T count)
{
    for (SIZE_T i = 0; i < count; i++)
        hf_platform_give_page(page[i]);
}

static PMDL allocate(struct range range, SIZE_T bytes, USHORT type, bool all)
{
    SIZE_T wanted = BYTES_TO_PAGES(bytes);

    if (wanted == 0 || wanted > MAXULONG >> PAGE_SHIFT)
        return NULL;
    PMDL mdl =
        ExAllocatePoolWithTag(NonPagedPool, MmSizeOfMdl(NULL, wanted * PAGE_SIZE), HF_TAG_MDL);
    if (mdl == NULL)
        return NULL;
    const SIZE_T taken = take_pages(range, MmGetMdlPfnArray(mdl), wanted);
    if (taken == 0 || (all && taken < wanted)) {
        give_pages(MmGetMdlPfnArray(mdl), taken);
        ExFreePool(mdl);
        return NULL;
    }
    MmInitializeMdl(mdl, NULL, taken * PAGE_SIZE);
    hf_mdl_set(mdl, MDL_PAGES_LOCKED);
    mdl->Reserved = type;
    return mdl;
}

static struct range range_of(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high, PHYSICAL_ADDRESS skip)
{
    return (struct range){.low = (uint64_t)low.QuadPart >> PAGE_SHIFT,
                          .high = (uint64_t)high.QuadPart >> PAGE_SHIFT,
                          .skip = (uint64_t)skip.QuadPart >> PAGE_SHIFT};
}

PMDL MmAllocatePagesForMdl(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress,
                           PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes)
{
    if (BYTE_OFFSET(SkipBytes.QuadPart) != 0)
        return NULL;
    return allocate(range_of(LowAddress, HighAddress, SkipBytes), TotalBytes, HF_PAGES_UNTYPED,
                    false);
}

PMDL MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress,
                             PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes,
                             MEMORY_CACHING_TYPE CacheType, ULONG Flags)
{
    enum hf_cache cache;
    USHORT type = HF_PAGES_UNTYPED;

    if ((Flags & ~(HINTS | MM_ALLOCATE_FULLY_REQUIRED)) != 0 ||
        BYTE_OFFSET(SkipBytes.QuadPart) != 0)
        return NULL;
    if (CacheType != MmNotMapped) {
        if (!hf_cache_of(CacheType, &cache))
            return NULL;
        type = (USHORT)(HF_PAGES_TYPED + cache);
    }
    return allocate(range_of(LowAddress, HighAddress, SkipBytes), TotalBytes, type,
                    (Flags & MM_ALLOCATE_FULLY_REQUIRED) != 0);
}

VOID MmFreePagesFromMdl(PMDL MemoryDescriptorList)
{
    PMDL mdl = MemoryDescriptorList;

    if (!(mdl->MdlFlags & MDL_PAGES_LOCKED))
        return;
    if (mdl->Reserved == HF_PAGES_OF_KERNEL) {
        KeBugCheckEx(PFN_LIST_CORRUPT, CODE_NOT_ALLOCATED, *MmGetMdlPfnArray(mdl), 0, 0);
    } else if (mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) {
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_MISUSE_PAGES_STILL_MAPPED, (ULONG_PTR)mdl,
                     (ULONG_PTR)mdl->MappedSystemVa, 0);
    } else {
        give_pages(MmGetMdlPfnArray(mdl), hf_mdl_pages(mdl));
        hf_mdl_clear(mdl, MDL_PAGES_LOCKED);
    }
}
