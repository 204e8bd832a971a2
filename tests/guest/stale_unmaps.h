/* SPDX-License-Identifier: MIT
 * Reads a page of a window on one CPU while another maps and unmaps it again and again. */
#ifndef HOLDFAST_TESTS_STALE_UNMAPS_H
#define HOLDFAST_TESTS_STALE_UNMAPS_H

#include "stale_reads.h"

#define ROUNDS 200u
#define PAGES  16u /* so that what a stale entry shows stays old for a while */

/* What guest_main() returns. */
static inline int stale_unmaps(bool user)
{
    static struct stale_reads reads;
    struct hf_window window;
    uint64_t *pages = nano_pages(PAGES);

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    reads = (struct stale_reads){.at = window.address, .phase = 3, .user = user};
    stale_begin(&reads);
    for (unsigned round = 0; round < ROUNDS && stale_go_on(&reads); round++) {
        uint64_t *page = &pages[round % PAGES * 512];
        const struct hf_extent list = {page_of(page), 1, HF_RAM};
        stale_next_phase(&reads);
        *page = reads.phase + 1;
        CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
        stale_next_phase(&reads);
        stale_next_phase(&reads);
        CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
        stale_next_phase(&reads);
    }
    return stale_end(&reads);
}

#endif
