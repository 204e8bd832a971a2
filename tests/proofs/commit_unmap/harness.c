/* SPDX-License-Identifier: MIT */
/* holds: every UNMAP, in a window with up to 2 mappings and 3 records */
/* options: --unwind 4 */
#include "tests/proofs/table.h"

/* Once decide has said that an UNMAP can be done, commit does it: the mapping that the plan names
 * goes, all its records are set aside again, everything else stays, and all holds that held before.
 */
void harness(void)
{
    const struct unmap_request request = nondet_unmap_request();
    struct unmap_plan plan;

    any_table();
    if (windows_decide_unmap(&windows, &request, &plan) != HF_OK)
        return;
    ASSUME(plan.window == window);
    plan.window = window; /* the same: now CBMC knows it, too */
    const struct mapping *gone = first_behind(plan.page_offset, NULL);
    CLAIM(gone != NULL && mapping_offset(gone) == plan.page_offset && gone->pages == plan.pages);
    CLAIM(plan.arena_page == window->span.page + plan.page_offset);
    remember();
    windows_commit_unmap(&windows, &plan);
    CLAIM(table_holds());
    claim_same_windows();
    const struct mapping *next = first_behind(plan.page_offset, NULL);
    CLAIM(next == NULL || mapping_offset(next) >= plan.page_offset + plan.pages);
    for (uint32_t i = 0; i < RECORDS; i++)
        if (is_live[i] || is_detached[i])
            claim_same_extent(i);
    CLAIM(window->mappings == window_before.mappings - 1);
    REACHED();
}
