/* SPDX-License-Identifier: MIT */
/* holds: every REMAP to one extent, in any table whose window has up to 2 mappings and 3 records of
 * extents */
/* options: --unwind 4 */
#define LIST 1u
#include "tests/proofs/table.h"

/* Once decide has said that a REMAP can be done, commit does it: the old mapping goes, the new one
 * comes, which may lie where the old one lay, the other one stays, and all holds that held before.
 */
void harness(void)
{
    const struct map_request request = nondet_map_request();
    const uint64_t old_offset = nondet_u64(), old_pages = nondet_u64();
    const uint32_t count = nondet_u32();
    struct hf_extent list[LIST];
    struct run runs[LIST];
    struct map_plan map;
    struct unmap_plan unmap;

    for (uint32_t i = 0; i < LIST; i++)
        list[i] = nondet_extent();
    ASSUME(count <= LIST);
    any_table();
    if (windows_decide_remap(&windows, &request, old_offset, old_pages, list, count, runs, &map,
                             &unmap) != HF_OK)
        return;
    CLAIM(map.window == unmap.window);
    ASSUME(map.window == window);
    map.window = unmap.window = window; /* the same: now CBMC knows it, too */
    remember();
    windows_commit_remap(&windows, &map, &unmap);
    CLAIM(table_holds());
    claim_mapped(&map);
    claim_same_windows();
    CLAIM(window->mappings == window_before.mappings);
    REACHED();
}
