/* SPDX-License-Identifier: MIT
 * An exception whose handler has no stack to run on is a triple fault, not a loop: exit 124. */
/* exit: 124 */
/* log: the guest crashed$ */
#include "nano.h"

int guest_main(void)
{
    __asm__ volatile("mov $0x300000000000, %%rsp; ud2" : : : "memory");
    return 0;
}
