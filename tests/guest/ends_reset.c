/* SPDX-License-Identifier: MIT
 * Where the options say so, a guest that turns itself off or panics boots anew, with its devices as
 * they were at power-on. */
/* vm: --on-poweroff reset --on-panic reset --object name=notes,size=4K */
/* console: ^boot 3$ */
#include "ports.h"
#include "reset_releases.h"
#include "serial.h"

int guest_main(void)
{
    struct hf_info at_boot;
    struct notes *notes = reset_notes(&at_boot);

    CHECK(notes != NULL);
    CHECK_EQUAL(in8(IER), 0);
    CHECK_EQUAL(in16(0x602), 0);
    notes->boots++;
    hf_printf("boot %llu\n", (unsigned long long)notes->boots);
    out8(MCR, 0); /* no interrupt; only that there is something to reset */
    out8(IER, IER_EMPTIED);
    out16(0x602, 0x0020);
    if (notes->boots == 1)
        out16(0x604, 0x3400);
    else if (notes->boots == 2)
        out8(0x505, 1);
    else
        return 0;
    return 9;
}
