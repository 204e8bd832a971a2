/* SPDX-License-Identifier: MIT */
/* holds: every RESERVE, in any table of 1 slot and 2 records of extents */
/* options: --unwind 4 */
#define SLOTS 1u
#include "tests/proofs/room.h"

/* Once a RESERVE has found room in every budget, taking it cannot fail: all the records that a
 * window may ever need are there, and are its own; no other window's and no budget is exceeded. */
void harness(void)
{
    const struct reserve_request request = nondet_reserve_request();
    const uint32_t spare = nondet_u32(), taken = nondet_u32();
    uint32_t places[RECORDS] = {0};
    struct window *window = NULL;

    any_room(spare, taken);
    const struct windows before = windows;
    const struct tag_amounts held = account.held;
    const bool was_used = slots[0].used;
    const uint32_t generation = slots[0].generation;
    const enum hf_status status = windows_reserve(&windows, &request, &window);
    if (status != HF_OK) {
        CLAIM(window == NULL && account.held.windows == held.windows);
        CLAIM(windows.in_use == before.in_use && windows.slots_touched == before.slots_touched);
        CLAIM(windows.extents_reserved == taken && windows.pieces == before.pieces);
        CLAIM(windows.spare.first == before.spare.first);
        CLAIM(windows.records_touched == before.records_touched);
        return;
    }
    CLAIM(window == &slots[0]);
    window = &slots[0]; /* the same: now CBMC knows it, too */
    CLAIM(window->slot == 0 && !was_used && window->used && !window->published);
    CLAIM(window->generation == generation);
    CLAIM(window->tag == request.tag && window->owner == &account && window->mappings == 0);
    CLAIM(window->span.pages == request.bytes / 4096 + (request.bytes % 4096 > 0 ? 1 : 0));
    CLAIM(window->max_extents > 0 && window->max_extents <= window->span.pages);
    CLAIM(list_length(&window->spare, places) == window->max_extents);
    const uint32_t left = list_length(&windows.spare, places);
    for (uint32_t i = 0; i < RECORDS; i++)
        CLAIM(places[i] == (i < windows.records_touched && (i < spare || i >= spare + taken)));
    CLAIM(windows.records_touched <= windows.limits.extents);
    CLAIM(windows.extents_reserved == taken + window->max_extents);
    CLAIM(windows.extents_reserved + left == windows.records_touched);
    CLAIM(windows.pieces <= windows.limits.pieces);
    CLAIM(windows.in_use == before.in_use + 1 && windows.slots_touched <= SLOTS);
    CLAIM(account.held.windows == held.windows + 1);
    CLAIM(account.held.pages == held.pages + window->span.pages);
    CLAIM(account.held.extents == held.extents + window->max_extents);
    REACHED();
}
