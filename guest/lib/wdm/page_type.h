/* SPDX-License-Identifier: MIT
 * The cache type that an MDL's pages have of their own. The kernel's memory is cached; pages from
 * MmAllocatePagesForMdl have none until they are mapped; pages from MmAllocatePagesForMdlEx have
 * the one they were allocated with. An MDL keeps this in its member Reserved. */
#ifndef HOLDFAST_GUEST_WDM_PAGE_TYPE_H
#define HOLDFAST_GUEST_WDM_PAGE_TYPE_H

#include "holdfast/wdm.h"

#include <stdbool.h>

#define HF_PAGES_OF_KERNEL 0u
#define HF_PAGES_UNTYPED   1u
#define HF_PAGES_TYPED     2u /* plus an enum hf_cache */

/* The type behind one of Windows' names; false if there is none. */
bool hf_cache_of(MEMORY_CACHING_TYPE type, enum hf_cache *cache);

/* The type to ask for when these pages are mapped and the caller wants this one; false if what
 * the caller wants is no type, even where the pages' own counts. */
bool hf_page_type_wanted(const MDL *mdl, MEMORY_CACHING_TYPE asked, enum hf_cache *cache);

#endif
