/* SPDX-License-Identifier: MIT
 * Reads a page of a window on one CPU while another REMAPs it again and again. */
#ifndef HOLDFAST_TESTS_STALE_REMAPS_H
#define HOLDFAST_TESTS_STALE_REMAPS_H

#include "stale_reads.h"

#define ROUNDS 300u
#define PAGES  16u /* so that what a stale entry shows stays old for a while */

/* What guest_main() returns. */
static inline int stale_remaps(bool user)
{
    static struct stale_reads reads;
    struct hf_window window;
    uint64_t *pages = nano_pages(PAGES);

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent first = {page_of(pages), 1, HF_RAM};
    pages[0] = 1;
    CHECK_EQUAL(hf_map(&window, 0, &first, 1, 0, NULL, NULL), HF_OK);
    reads = (struct stale_reads){.at = window.address, .phase = 0, .user = user};
    stale_begin(&reads);
    stale_next_phase(&reads);
    for (unsigned round = 1; round < ROUNDS && stale_go_on(&reads); round++) {
        uint64_t *page = &pages[round % PAGES * 512];
        const struct hf_extent list = {page_of(page), 1, HF_RAM};
        /* From mapped to being mapped: there is no phase without a page. */
        *page = reads.phase + 4;
        __atomic_fetch_add(&reads.phase, 3, __ATOMIC_SEQ_CST);
        CHECK_EQUAL(hf_remap(&window, 0, 1, 0, &list, 1, 0, NULL, NULL), HF_OK);
        stale_next_phase(&reads);
    }
    return stale_end(&reads);
}

#endif
