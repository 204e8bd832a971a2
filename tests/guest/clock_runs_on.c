/* SPDX-License-Identifier: MIT
 * A guest that computes is not told by KVM's clock that it has stood still: its watchdogs would
 * begin anew each time. */
#include "nano.h"

#define MSR_SYSTEM_TIME 0x4b564d01u
#define CLOCK_ON        1u
#define WAS_STOPPED     2u
#define SPAN            2000000000u /* ns */

static struct {
    uint32_t version;
    uint32_t unused;
    uint64_t tsc;
    uint64_t time;
    uint32_t scale;
    int8_t shift;
    uint8_t flags;
    uint8_t unused_too[2];
} clock __attribute__((aligned(32)));

static void switch_on(void *argument)
{
    const uint64_t value = (uintptr_t)&clock | CLOCK_ON;

    (void)argument;
    __asm__ volatile("wrmsr" : : "c"(MSR_SYSTEM_TIME), "a"(value), "d"(value >> 32) : "memory");
}

static uint64_t in_ns(uint64_t cycles)
{
    cycles = clock.shift < 0 ? cycles >> -clock.shift : cycles << clock.shift;
    return (uint64_t)((unsigned __int128)cycles * clock.scale >> 32);
}

/* For so long or little more; how often the guest was told. */
static unsigned compute(void)
{
    const uint64_t begin = nano_tsc();
    unsigned told = 0;

    while (in_ns(nano_tsc() - begin) < SPAN)
        if ((*(volatile uint8_t *)&clock.flags & WAS_STOPPED) != 0) {
            __asm__ volatile("lock andb %1, %0"
                             : "+m"(clock.flags)
                             : "i"((int8_t)~WAS_STOPPED)
                             : "cc");
            told++;
        }
    return told;
}

int guest_main(void)
{
    if (!nano_try(switch_on, NULL, NULL)) {
        hf_printf("this KVM has no clock\n");
        return 0;
    }
    /* A host may be so busy that the guest does stand still. */
    const unsigned told = compute();
    hf_printf("told %u times\n", told);
    CHECK(clock.version != 0);
    CHECK(told <= 3);
    return 0;
}
