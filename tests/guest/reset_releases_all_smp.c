/* SPDX-License-Identifier: MIT
 * A reset releases every window while other CPUs are at work in them, whichever CPU asks for it,
 * and all CPUs come up again. */
/* vm: --vcpus 3 --object name=notes,size=4K */
#include "reset_releases.h"

#define BOOTS 5u

static struct notes *notes;

/* Reads and calls on and on, in ring 0. */
static void keep_busy(void *argument)
{
    struct hf_window *window = argument;
    struct hf_stat stat;

    for (;;) {
        can_read(window->address, NULL);
        hf_stat(window, &stat);
    }
}

static void spin(void *argument)
{
    const volatile uint64_t *at = argument;

    for (;;)
        (void)*at;
}

/* The same in ring 3. */
static void keep_reading(void *argument)
{
    const struct hf_window *window = argument;

    for (;;)
        nano_try_user(spin, window->address, NULL);
}

static void reset(void *argument)
{
    (void)argument;
    nano_reset();
}

int guest_main(void)
{
    struct hf_info at_boot;

    notes = reset_notes(&at_boot);
    CHECK(notes != NULL);
    CHECK_EQUAL(nano_cpus(), 3);
    notes->boots++;
    if (notes->boots == 1)
        notes->all_free = at_boot;
    else
        CHECK_EQUAL(reset_check(notes, &at_boot), 0);
    if (notes->boots == BOOTS)
        return 0;
    CHECK_EQUAL(reset_leave_behind(notes), 0);
    nano_run_on(1, notes->boots % 2 == 0 ? keep_busy : keep_reading, &notes->old);
    if (notes->boots % 2 == 0)
        nano_reset();
    nano_run_on(2, reset, NULL);
    keep_busy(&notes->old);
    return 1;
}
