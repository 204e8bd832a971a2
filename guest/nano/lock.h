/* SPDX-License-Identifier: MIT
 * A spin lock that keeps interrupts away. Waiting CPUs serve the flushes that the holder may be
 * waiting for. */
#ifndef HOLDFAST_NANO_LOCK_H
#define HOLDFAST_NANO_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct nano_lock {
    bool held;
};

/* What nano_lock_give() needs to restore the interrupt flag. */
uint64_t nano_lock_take(struct nano_lock *lock);
void nano_lock_give(struct nano_lock *lock, uint64_t state);

/* Interrupts off; the flags before. */
static inline uint64_t interrupts_off(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return flags;
}

static inline void interrupts_restore(uint64_t flags)
{
    if ((flags & 0x200) != 0)
        __asm__ volatile("sti" : : : "memory");
}

#endif
