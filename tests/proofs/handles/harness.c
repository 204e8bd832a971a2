/* SPDX-License-Identifier: MIT */
/* holds: every handle, 2 slots, any number of RESERVEs and RELEASEs by induction */
/* options: --unwind 3 */
#include "tests/proofs/proof.h"
#include "vmm/windows/table.c"

#define SLOTS 2u

static struct window slots[SLOTS];
static struct windows windows = {.limits.windows = SLOTS, .slots = slots};

/* Any state of the slots; the list of free ones has each that is neither in use nor retired. */
static void any_slots(void)
{
    windows.slots_touched = SLOTS;
    for (uint32_t i = 0; i < SLOTS; i++) {
        slots[i].slot = i;
        slots[i].generation = nondet_u32();
        slots[i].used = nondet_bool();
        slots[i].published = slots[i].used && nondet_bool();
        windows.in_use += slots[i].used;
        if (slots[i].used || (slots[i].generation == UINT32_MAX && nondet_bool()))
            continue;
        if (windows.free_first == NULL)
            windows.free_first = &slots[i];
        else
            windows.free_last->next_free = &slots[i];
        windows.free_last = &slots[i];
    }
}

/* Whether the handle that slot 0 had with this generation is never given out again: the slot has
 * gone on to another one, or is out of use for ever. */
static bool is_dead(uint32_t generation)
{
    return slots[0].generation > generation ||
           (slots[0].generation == UINT32_MAX && !slots[0].used &&
            windows.free_first != &slots[0] && slots[1].next_free != &slots[0]);
}

/* What a dead handle named is never found again, not even when a slot's generations are used up:
 * once it is dead, every step leaves it so. */
void harness(void)
{
    const uint32_t generation = nondet_u32();
    const uint64_t dead = (uint64_t)generation << 32 | 1;

    any_slots();
    if (slots[0].used && slots[0].generation == generation) {
        CLAIM(window_handle(&slots[0]) == dead);
        CLAIM(windows_find(&windows, dead) == (slots[0].published ? &slots[0] : NULL));
        slots_put(&windows, &slots[0]);
    } else {
        ASSUME(is_dead(generation));
        const uint32_t other = nondet_bool() ? 1 : 0;
        if (nondet_bool()) {
            struct window *window = slots_peek(&windows);
            ASSUME(window != NULL);
            slots_take(&windows, window);
            window->published = true;
        } else {
            ASSUME(slots[other].used);
            slots_put(&windows, &slots[other]);
        }
    }
    CLAIM(is_dead(generation));
    CLAIM(windows_find(&windows, dead) == NULL);
    const uint64_t any = nondet_u64();
    const struct window *found = windows_find(&windows, any);
    CLAIM(found == NULL || (found->published && window_handle(found) == any));
    REACHED();
}
