/* SPDX-License-Identifier: MIT
 * Which cache type a mapping of an MDL asks for. */
#include "guest/lib/wdm/page_type.h"

bool hf_cache_of(MEMORY_CACHING_TYPE type, enum hf_cache *cache)
{
    switch (type) {
    case MmNonCached:
    case MmNonCachedUnordered:
        *cache = HF_CACHE_NONCACHED;
        return true;
    case MmCached:
    case MmHardwareCoherentCached:
        *cache = HF_CACHE_CACHED;
        return true;
    case MmWriteCombined:
    case MmUSWCCached:
        *cache = HF_CACHE_WRITE_COMBINED;
        return true;
    case MmNotMapped:
    case MmMaximumCacheType:
        break;
    }
    return false;
}

bool hf_page_type_wanted(const MDL *mdl, MEMORY_CACHING_TYPE asked, enum hf_cache *cache)
{
    if (!hf_cache_of(asked, cache))
        return false;
    if (mdl->Reserved == HF_PAGES_OF_KERNEL)
        *cache = HF_CACHE_CACHED;
    else if (mdl->Reserved >= HF_PAGES_TYPED)
        *cache = (enum hf_cache)(mdl->Reserved - HF_PAGES_TYPED);
    return true;
}
