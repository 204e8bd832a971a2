/* SPDX-License-Identifier: MIT
 * nano_try() may nest: an exception ends the innermost one only, the outer ones go on and catch
 * what comes later; without an exception all return true. */
#include "nano.h"

struct step {
    unsigned depth;
    unsigned fail_at;    /* bit n: an exception at depth n, on the way in */
    unsigned fail_after; /* bit n: an exception at depth n, when the inner one is done */
    unsigned caught;     /* bit n: the try at depth n said false */
};

static void fail(void)
{
    __asm__ volatile("ud2");
}

static void user_part(void *argument)
{
    if (*(bool *)argument)
        fail();
}

static void go_down(void *argument)
{
    struct step *step = argument;
    const unsigned depth = step->depth++;

    if ((step->fail_at >> depth & 1) != 0)
        fail();
    if (depth < 5) {
        if (!nano_try(go_down, step, NULL))
            step->caught |= 2u << depth;
    } else {
        bool bad = (step->fail_at >> 6 & 1) != 0;
        if (!nano_try_user(user_part, &bad, NULL))
            step->caught |= 2u << depth;
    }
    if ((step->fail_after >> depth & 1) != 0)
        fail();
}

static unsigned caught(unsigned fail_at, unsigned fail_after)
{
    struct step step = {.fail_at = fail_at, .fail_after = fail_after};

    if (!nano_try(go_down, &step, NULL))
        step.caught |= 1;
    return step.caught;
}

int guest_main(void)
{
    CHECK_EQUAL(caught(0, 0), 0);
    for (unsigned depth = 0; depth < 7; depth++)
        CHECK_EQUAL(caught(1u << depth, 0), 1u << depth);
    for (unsigned depth = 0; depth < 6; depth++)
        CHECK_EQUAL(caught(0, 1u << depth), 1u << depth);
    CHECK_EQUAL(caught(1u << 6, 0x3f), 0x7f);
    CHECK_EQUAL(caught(1u << 3, 0x05), 0x0d);

    /* Local variables of the one who tries are as they were. */
    unsigned sum = 0;
    for (unsigned i = 0; i < 50; i++) {
        bool bad = i % 2 == 0;
        sum += nano_try_user(user_part, &bad, NULL) ? 1 : 100;
    }
    CHECK_EQUAL(sum, 25 * 101);
    return 0;
}
