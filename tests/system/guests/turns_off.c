/* SPDX-License-Identifier: MIT
 * Turns itself off, and ends with status 5 where that lets it go on; with "panic", panics first. */
#include "nano.h"
#include "tests/guest/ports.h"

int guest_main(void)
{
    if (strcmp(nano_command_line(), "panic") == 0)
        out8(0x505, 1);
    out16(0x604, 0x3400);
    return 5;
}
