/* SPDX-License-Identifier: MIT
 * nano_try() leaves the interrupt flag as it was, also when it has caught an exception. */
#include "nano.h"

#define INTERRUPTS_ON 0x200u

static void undefined(void *argument)
{
    (void)argument;
    __asm__ volatile("ud2");
}

static void nothing(void *argument)
{
    (void)argument;
}

static bool interrupts(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; popq %0" : "=r"(flags) : : "memory");
    return (flags & INTERRUPTS_ON) != 0;
}

int guest_main(void)
{
    __asm__ volatile("cli");
    CHECK(!nano_try(undefined, NULL, NULL));
    CHECK(!interrupts());
    CHECK(!nano_try_user(undefined, NULL, NULL));
    CHECK(!interrupts());
    CHECK(nano_try_user(nothing, NULL, NULL));
    CHECK(!interrupts());
    __asm__ volatile("sti");
    CHECK(!nano_try(undefined, NULL, NULL));
    CHECK(interrupts());
    CHECK(nano_try_user(nothing, NULL, NULL));
    CHECK(interrupts());
    return 0;
}
