/* SPDX-License-Identifier: MIT
 * ACPI's registers: the machine is in ACPI mode, the enable bits read back, no event is pending;
 * and the sleep type of _S5 turns it off, with status 0. Another sleep type does nothing. */
/* exit: 0 */
/* log: the guest turned itself off$ */
#include "nano.h"
#include "ports.h"

#define STATUS  0x600u
#define ENABLE  0x602u
#define CONTROL 0x604u
#define SLEEP   0x2000u

int guest_main(void)
{
    CHECK_EQUAL(in16(CONTROL) & 1, 1);
    out16(ENABLE, 0x0120);
    CHECK_EQUAL(in16(ENABLE), 0x0120);
    CHECK_EQUAL(in16(STATUS), 0);
    CHECK_EQUAL(in32(STATUS), 0x01200000);
    out16(CONTROL, SLEEP | 1 << 10);
    CHECK_EQUAL(in16(CONTROL), 1 << 10 | 1);
    out16(CONTROL, SLEEP | 5 << 10);
    return 9;
}
