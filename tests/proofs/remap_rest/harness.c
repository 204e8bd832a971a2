/* SPDX-License-Identifier: MIT */
/* holds: every old and new place of two mappings in an arena anywhere below 2^40 pages */
/* options: --unsigned-overflow-check --unwind 3 */
#include "tests/proofs/proof.h"
#include "vmm/windows/remap.c"

/* REMAP closes what the old mapping had and the new one does not cover: each such page once, and no
 * other. Some page is looked at, which may be any. */
void harness(void)
{
    const uint64_t page = nondet_u64();
    const struct unmap_plan old = {.arena_page = nondet_u64(), .pages = nondet_u32()};
    const struct map_plan new = {.arena_page = nondet_u64(), .pages = nondet_u32()};
    struct arena_part rest[2];

    ASSUME(old.pages > 0 && old.arena_page < (uint64_t)1 << 40);
    ASSUME(new.pages > 0 && new.arena_page < (uint64_t)1 << 40);
    const bool is_old = page >= old.arena_page && page < old.arena_page + old.pages;
    const bool is_new = page >= new.arena_page &&page < new.arena_page + new.pages;
    const uint32_t parts = windows_remap_rest(&old, &new, rest);
    uint32_t times = 0;
    CLAIM(parts <= 2);
    for (uint32_t i = 0; i < parts; i++) {
        CLAIM(rest[i].pages > 0);
        times += page >= rest[i].arena_page && page < rest[i].arena_page + rest[i].pages;
    }
    CLAIM(times == (is_old && !is_new ? 1 : 0));
    REACHED();
}
