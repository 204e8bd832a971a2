/* SPDX-License-Identifier: MIT
 * KVM's clock, for how long so many cycles take. */
#ifndef HOLDFAST_TESTS_KVM_CLOCK_H
#define HOLDFAST_TESTS_KVM_CLOCK_H

#include "nano.h"

#define MSR_SYSTEM_TIME 0x4b564d01u
#define CLOCK_ON        1u

static struct {
    uint32_t version;
    uint32_t unused;
    uint64_t tsc;
    uint64_t time;
    uint32_t scale;
    int8_t shift;
    uint8_t flags;
    uint8_t unused_too[2];
} kvm_clock __attribute__((aligned(32)));

static inline void kvm_clock_switch(void *on)
{
    const uint64_t value = (uintptr_t)&kvm_clock | CLOCK_ON;

    (void)on;
    __asm__ volatile("wrmsr" : : "c"(MSR_SYSTEM_TIME), "a"(value), "d"(value >> 32) : "memory");
}

/* False where KVM has none. */
static inline bool kvm_clock_on(void)
{
    return nano_try(kvm_clock_switch, NULL, NULL);
}

static inline uint64_t kvm_clock_ns(uint64_t cycles)
{
    cycles = kvm_clock.shift < 0 ? cycles >> -kvm_clock.shift : cycles << kvm_clock.shift;
    return (uint64_t)((unsigned __int128)cycles * kvm_clock.scale >> 32);
}

#endif
