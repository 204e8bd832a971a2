/* SPDX-License-Identifier: MIT */
/* holds: every RELEASE, in any table of 2 slots and 2 records of extents */
/* options: --unwind 4 */
#include "tests/proofs/room.h"

/* Once decide has said that a window can be released, it goes with all that it had: its records are
 * spare again, no sum falls below 0, its handle is dead, and the other window is as it was. */
void harness(void)
{
    const uint64_t handle = nondet_u64();
    const uint32_t tag = nondet_u32(), spare = nondet_u32(), taken = nondet_u32();
    const size_t byte = nondet_size();
    uint32_t places[RECORDS] = {0};
    struct window *window;

    any_room(spare, taken);
    if (windows_decide_release(&windows, handle, tag, &window) != HF_OK)
        return;
    CLAIM(window->used && window->tag == tag && window->mappings == 0);
    const uint32_t number = nondet_bool() ? 0 : 1;
    ASSUME(window == &slots[number]);
    /* What holds of each window: without mappings it has all its records, and is accounted for. */
    ASSUME(window->max_extents <= taken);
    any_list(&window->spare, spare, window->max_extents);
    window->owner = &account;
    ASSUME(window->span.pages > 0 && window->span.pages <= UINT32_MAX);
    ASSUME(account.held.windows > 0 && account.held.pages >= window->span.pages &&
           account.held.extents >= window->max_extents);
    pieces_needed = nondet_u64();
    ASSUME(pieces_needed <= windows.pieces);
    const struct windows before = windows;
    const struct window other = slots[1 - number];
    const uint32_t gone = window->max_extents;

    windows_commit_release(&windows, window);
    CLAIM(list_length(&windows.spare, places) == spare + gone);
    for (uint32_t i = 0; i < RECORDS; i++)
        CLAIM(places[i] == (i < spare + gone));
    CLAIM(windows.extents_reserved == taken - gone);
    CLAIM(windows.records_touched == before.records_touched);
    CLAIM(windows.pieces <= before.pieces && windows.in_use == before.in_use - 1);
    CLAIM(windows_find(&windows, handle) == NULL);
    ASSUME(byte < offsetof(struct window, next_free)); /* it may be the last free one */
    CLAIM(((const char *)&slots[1 - number])[byte] == ((const char *)&other)[byte]);
    REACHED();
}
