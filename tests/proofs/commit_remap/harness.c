/* SPDX-License-Identifier: MIT */
/* holds: every REMAP of up to 2 extents, in a window with up to 2 mappings and 3 records */
/* options: --unwind 4 */
#include "tests/proofs/table.h"

static bool is_same_plan(const struct map_plan *a, const struct map_plan *b)
{
    return a->window == b->window && a->page_offset == b->page_offset &&
           a->arena_page == b->arena_page && a->pages == b->pages && a->count == b->count &&
           a->writable == b->writable && a->cache == b->cache;
}

/* A REMAP that decide lets through is an UNMAP that decide would let through, and then a MAP that
 * it would let through once the UNMAP is done, with the same plans. Its commit is those two
 * commits, of which commit_unmap and commit_map say that they cannot fail. */
void harness(void)
{
    const struct map_request request = nondet_map_request();
    const struct unmap_request old = {.window = request.window,
                                      .tag = request.tag,
                                      .page_offset = nondet_u64(),
                                      .pages = nondet_u64()};
    const uint32_t count = nondet_u32();
    struct hf_extent list[LIST];
    struct run runs[LIST], runs_again[LIST];
    struct map_plan map, map_alone;
    struct unmap_plan unmap, unmap_alone;

    for (uint32_t i = 0; i < LIST; i++)
        list[i] = nondet_extent();
    ASSUME(count <= LIST);
    any_table();
    if (windows_decide_remap(&windows, &request, old.page_offset, old.pages, list, count, runs,
                             &map, &unmap) != HF_OK)
        return;
    ASSUME(map.window == window);
    CLAIM(unmap.window == window && map.runs == runs);
    CLAIM(windows_decide_unmap(&windows, &old, &unmap_alone) == HF_OK);
    CLAIM(unmap_alone.window == unmap.window && unmap_alone.arena_page == unmap.arena_page);
    CLAIM(unmap_alone.page_offset == unmap.page_offset && unmap_alone.pages == unmap.pages);
    unmap.window = window; /* the same: now CBMC knows it, too */
    windows_commit_unmap(&windows, &unmap);
    given_before = runs;
    CLAIM(windows_decide_map(&windows, &request, list, count, runs_again, &map_alone) == HF_OK);
    CLAIM(is_same_plan(&map, &map_alone));
    REACHED();
}
