/* SPDX-License-Identifier: MIT
 * Questions about an MDL that several routines ask. */
#ifndef HOLDFAST_GUEST_WDM_MDL_PAGES_H
#define HOLDFAST_GUEST_WDM_MDL_PAGES_H

#include "holdfast/wdm.h"

#include <stdbool.h>

#define HF_TAG_MDL 0x206c644du /* "Mdl " */

/* How many pages the buffer touches. One of no bytes touches none; ADDRESS_AND_SIZE_TO_SPAN_PAGES()
 * counts the page that it begins inside. */
static inline SIZE_T hf_mdl_pages(const MDL *mdl)
{
    if (mdl->ByteCount == 0)
        return 0;
    return ADDRESS_AND_SIZE_TO_SPAN_PAGES((ULONG_PTR)mdl->ByteOffset, mdl->ByteCount);
}

/* Whether the page numbers are valid and stay so. */
static inline bool hf_mdl_is_locked(const MDL *mdl)
{
    return (mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL)) != 0;
}

static inline void hf_mdl_set(PMDL mdl, int flags)
{
    mdl->MdlFlags = (CSHORT)(mdl->MdlFlags | flags);
}

static inline void hf_mdl_clear(PMDL mdl, int flags)
{
    mdl->MdlFlags = (CSHORT)(mdl->MdlFlags & ~flags);
}

#endif
