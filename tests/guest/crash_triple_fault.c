/* SPDX-License-Identifier: MIT
 * A triple fault is the guest's end: the VMM says so and exits with 124. */
/* exit: 124 */
/* log: triple fault */
/* log: the guest crashed$ */
#include "nano.h"

int guest_main(void)
{
    static const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } none = {0, 0};

    __asm__ volatile("lidt %0; ud2" : : "m"(none));
    return 0;
}
