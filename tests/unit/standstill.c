/* SPDX-License-Identifier: MIT
 * A guest is told of every second in which a vCPU did not run it, and of each signal that may have
 * stopped the VMM, but not of the time that it needs for its own exits. */
#include "vmm/machine/standstill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A vCPU that has just left the guest, which wanted something. */
static struct standstill just_left(int64_t now)
{
    struct standstill standstill = {0};

    standstill_ends(&standstill, now - 1);
    standstill_left(&standstill, STANDSTILL_RAN, now);
    return standstill;
}

static void a_second_outside_is_told_once(void **state)
{
    struct standstill standstill = just_left(5000);

    (void)state;
    assert_false(standstill_ends(&standstill, 5000 + STANDSTILL_MS - 1));
    standstill = just_left(5000);
    assert_true(standstill_ends(&standstill, 5000 + STANDSTILL_MS));
    standstill_left(&standstill, STANDSTILL_RAN, 9000);
    assert_false(standstill_ends(&standstill, 9001));
}

static void time_in_the_guest_is_none(void **state)
{
    struct standstill standstill = just_left(5000);

    (void)state;
    assert_false(standstill_ends(&standstill, 5001));
    standstill_left(&standstill, STANDSTILL_RAN, 90000);
    assert_false(standstill_ends(&standstill, 90010));
    standstill_left(&standstill, STANDSTILL_REFUSED, 180000);
    assert_false(standstill_ends(&standstill, 180010));
}

static void short_exits_do_not_add_up(void **state)
{
    struct standstill standstill = just_left(5000);

    (void)state;
    for (int64_t now = 5000; now < 60000; now += 200) {
        assert_false(standstill_ends(&standstill, now + 190));
        standstill_left(&standstill, STANDSTILL_RAN, now + 200);
    }
}

/* The pauses between two tries are short, all of them together are not. */
static void an_instruction_that_is_tried_again_and_again_is_told_of(void **state)
{
    struct standstill standstill = just_left(0);
    unsigned told = 0;

    (void)state;
    for (int64_t now = 0; now < 10000; now += 14) {
        told += standstill_ends(&standstill, now + 13);
        standstill_left(&standstill, STANDSTILL_REFUSED, now + 14);
    }
    assert_in_range(told, 8, 10);
}

static void a_signal_is_told_of_at_once(void **state)
{
    struct standstill standstill = just_left(5000);

    (void)state;
    assert_false(standstill_ends(&standstill, 5001));
    standstill_left(&standstill, STANDSTILL_INTERRUPTED, 80000);
    assert_true(standstill_ends(&standstill, 80001));
    standstill_left(&standstill, STANDSTILL_RAN, 80002);
    assert_false(standstill_ends(&standstill, 80003));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_outside_is_told_once),
        cmocka_unit_test(time_in_the_guest_is_none),
        cmocka_unit_test(short_exits_do_not_add_up),
        cmocka_unit_test(an_instruction_that_is_tried_again_and_again_is_told_of),
        cmocka_unit_test(a_signal_is_told_of_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
