/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include "cpu.h"

uint64_t nano_lock_take(struct nano_lock *lock)
{
    const uint64_t state = interrupts_off();

    while (__atomic_exchange_n(&lock->held, true, __ATOMIC_ACQUIRE)) {
        nano_serve_flushes();
        __builtin_ia32_pause();
    }
    return state;
}

void nano_lock_give(struct nano_lock *lock, uint64_t state)
{
    __atomic_store_n(&lock->held, false, __ATOMIC_RELEASE);
    interrupts_restore(state);
}
