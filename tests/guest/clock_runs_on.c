/* SPDX-License-Identifier: MIT
 * A guest that computes is not told by KVM's clock that it has stood still: its watchdogs would
 * begin anew each time. */
#include "kvm_clock.h"

#define WAS_STOPPED 2u
#define SPAN        2000000000u /* ns */

/* For so long or little more; how often the guest was told. */
static unsigned compute(void)
{
    const uint64_t begin = nano_tsc();
    unsigned told = 0;

    while (kvm_clock_ns(nano_tsc() - begin) < SPAN)
        if ((*(volatile uint8_t *)&kvm_clock.flags & WAS_STOPPED) != 0) {
            __asm__ volatile("lock andb %1, %0"
                             : "+m"(kvm_clock.flags)
                             : "i"((int8_t)~WAS_STOPPED)
                             : "cc");
            told++;
        }
    return told;
}

int guest_main(void)
{
    if (!kvm_clock_on()) {
        hf_printf("this KVM has no clock\n");
        return 0;
    }
    /* A host may be so busy that the guest does stand still. */
    const unsigned told = compute();
    hf_printf("told %u times\n", told);
    CHECK(kvm_clock.version != 0);
    CHECK(told <= 3);
    return 0;
}
