/* SPDX-License-Identifier: MIT */
/* holds: every MAP of up to 2 extents, in a window with up to 2 mappings and 3 records */
/* options: --unwind 4 */
#include "tests/proofs/table.h"

/* Once decide has said that a MAP can be done, commit does it: with records that are there, to this
 * window only, to nothing that was mapped before, and so that all holds that held before. */
void harness(void)
{
    const struct map_request request = nondet_map_request();
    const uint32_t count = nondet_u32();
    struct hf_extent list[LIST];
    struct run runs[LIST];
    struct map_plan plan;

    for (uint32_t i = 0; i < LIST; i++)
        list[i] = nondet_extent();
    ASSUME(count <= LIST);
    any_table();
    if (windows_decide_map(&windows, &request, list, count, runs, &plan) != HF_OK)
        return;
    ASSUME(plan.window == window);
    plan.window = window; /* the same: now CBMC knows it, too */
    remember();
    const bool was_mapped[RECORDS] = {is_live[0] || is_detached[0], is_live[1] || is_detached[1],
                                      is_live[2] || is_detached[2]};
    windows_commit_map(&windows, &plan);
    CLAIM(table_holds());
    claim_mapped(&plan);
    claim_same_windows();
    for (uint32_t i = 0; i < RECORDS; i++)
        if (was_mapped[i])
            claim_same_extent(i);
    REACHED();
}
