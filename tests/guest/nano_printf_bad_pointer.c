/* SPDX-License-Identifier: MIT
 * An exception inside hf_printf() is one like any other: it can be caught, the console goes on, and
 * uncaught it is reported. */
/* exit: 113 */
/* console: ^still here$ */
/* console: ^exception 14 on CPU 0: .* cr2 0x123456789000, */
#include "nano.h"

static void print(void *argument)
{
    hf_printf("%s\n", (const char *)argument);
}

int guest_main(void)
{
    void *const bad = (void *)0x123456789000;

    CHECK(!nano_try(print, bad, NULL));
    CHECK(nano_try(print, "still here", NULL));
    print(bad);
    return 0;
}
