/* SPDX-License-Identifier: MIT
 * A panic that is reported ends the VM with status 123. The port tells which reports it knows;
 * others are not taken for a panic. */
/* exit: 123 */
/* log: the guest's kernel panicked$ */
#include "nano.h"
#include "ports.h"

#define PANIC 0x505u

int guest_main(void)
{
    CHECK_EQUAL(in8(PANIC), 1);
    out8(PANIC, 2);
    out8(PANIC, 1);
    return 9;
}
