/* SPDX-License-Identifier: MIT
 * CacheType counts for pages without a type of their own; others keep theirs, and so do pages
 * that are mapped already. The page tables say what is in force. */
#include "holdfast/guest.h"
#include "nano.h"
#include "wdm_buffer.h"

#define PAGES 4

/* Bits of a nano guest's page tables. */
#define TYPE_BITS      0x18u
#define CACHED         0x00u
#define WRITE_COMBINED 0x08u
#define UNCACHED       0x18u

static struct hf_window probe;

/* Whether the VMM and the page tables both have this type for the MDL's pages. */
static bool is_in_force(PUCHAR address, PMDL mdl, enum hf_cache type, uint64_t bits)
{
    for (ULONG i = 0; i < BYTES_TO_PAGES(MmGetMdlByteCount(mdl)); i++) {
        struct hf_extent page = {.first = MmGetMdlPfnArray(mdl)[i], .pages = 1, .object = HF_RAM};
        enum hf_cache told =
            type == HF_CACHE_CACHED ? HF_CACHE_NONCACHED : HF_CACHE_CACHED; /* asked for */

        if ((*nano_pte(address + i * PAGE_SIZE) & TYPE_BITS) != bits)
            return false;
        if (hf_map(&probe, 0, &page, 1, 0, &told, NULL) != HF_OK || told != type)
            return false;
        hf_unmap(&probe, 0, 1);
    }
    return true;
}

/* Maps, looks, unmaps. */
static bool gives(PVOID address, PMDL mdl, MEMORY_CACHING_TYPE asked, enum hf_cache type,
                  uint64_t bits)
{
    bool right = MmMapLockedPagesWithReservedMapping(address, TAG, mdl, asked) == address &&
                 is_in_force(address, mdl, type, bits);

    MmUnmapReservedMapping(address, TAG, mdl);
    return right;
}

int guest_main(void)
{
    PHYSICAL_ADDRESS low = {.QuadPart = 0}, high = {.QuadPart = -1};
    PUCHAR address = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    PMDL none = any_pages(PAGES);
    PMDL fewer = any_pages(1);
    PMDL locked = lock_pages(PAGES);
    PMDL typed = MmAllocatePagesForMdlEx(low, high, low, PAGES * PAGE_SIZE, MmWriteCombined, 0);
    struct hf_window other;

    CHECK(address != NULL && none != NULL && fewer != NULL && locked != NULL && typed != NULL);
    CHECK(hf_reserve(PAGE_SIZE, 1, 0, 0, &probe) == HF_OK);
    CHECK(hf_reserve(PAGE_SIZE, 1, 0, 0, &other) == HF_OK);

    CHECK(gives(address, none, MmNonCached, HF_CACHE_NONCACHED, UNCACHED));
    CHECK(gives(address, none, MmCached, HF_CACHE_CACHED, CACHED));
    CHECK(gives(address, none, MmWriteCombined, HF_CACHE_WRITE_COMBINED, WRITE_COMBINED));
    CHECK(gives(address, none, MmUSWCCached, HF_CACHE_WRITE_COMBINED, WRITE_COMBINED));
    CHECK(gives(address, none, MmNonCachedUnordered, HF_CACHE_NONCACHED, UNCACHED));
    CHECK(gives(address, none, MmHardwareCoherentCached, HF_CACHE_CACHED, CACHED));

    CHECK(gives(address, locked, MmNonCached, HF_CACHE_CACHED, CACHED));
    CHECK(gives(address, locked, MmWriteCombined, HF_CACHE_CACHED, CACHED));
    CHECK(gives(address, typed, MmCached, HF_CACHE_WRITE_COMBINED, WRITE_COMBINED));
    CHECK(gives(address, typed, MmNonCached, HF_CACHE_WRITE_COMBINED, WRITE_COMBINED));

    /* A mapping of a part leaves no trace in one of the whole. */
    CHECK(gives(address, fewer, MmNonCached, HF_CACHE_NONCACHED, UNCACHED));
    CHECK(gives(address, none, MmCached, HF_CACHE_CACHED, CACHED));
    CHECK(gives(address, fewer, MmNonCached, HF_CACHE_NONCACHED, UNCACHED));
    CHECK(gives(address, none, MmNonCached, HF_CACHE_NONCACHED, UNCACHED));
    CHECK(gives(address, fewer, MmWriteCombined, HF_CACHE_WRITE_COMBINED, WRITE_COMBINED));
    CHECK(gives(address, locked, MmNonCached, HF_CACHE_CACHED, CACHED));

    /* Mapped elsewhere as cached, it stays cached. */
    struct hf_extent page =
        (struct hf_extent){.first = MmGetMdlPfnArray(fewer)[0], .pages = 1, .object = HF_RAM};
    CHECK(hf_map(&other, 0, &page, 1, 0, NULL, NULL) == HF_OK);
    CHECK(gives(address, fewer, MmNonCached, HF_CACHE_CACHED, CACHED));
    return 0;
}
