/* SPDX-License-Identifier: MIT
 * What the page tables say of a window's pages, as one value a window: either all pages are the
 * same, or nothing is known and every map sets its own pages.
 *
 * No lock: two maps at once in one window are of different pages (the VMM refuses others), each
 * sets its own, and a map of only a part of the window can only turn the value to MIXED. */
#include "guest/lib/page_state.h"

#include "guest/lib/platform.h"

#define WRITABLE 0x10u /* or'ed to an enum hf_cache */
#define MIXED    0x20u

uint32_t hf_page_state_fresh(void)
{
    return HF_CACHE_CACHED | WRITABLE;
}

void hf_page_state_set(struct hf_window *window, uint64_t page_offset, uint64_t pages,
                       enum hf_cache cache, bool writable)
{
    uint32_t wanted = (uint32_t)cache | (writable ? WRITABLE : 0);

    if (__atomic_load_n(&window->page_state, __ATOMIC_ACQUIRE) == wanted)
        return;
    hf_platform_window_protect((char *)window->address + page_offset * HF_PAGE_SIZE, pages, cache,
                               writable);
    __atomic_store_n(&window->page_state, pages == window->pages ? wanted : MIXED,
                     __ATOMIC_RELEASE);
}
