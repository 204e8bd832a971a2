/* SPDX-License-Identifier: MIT
 * A lock for moments. Whoever may also be called from an interrupt holds it pinned. */
#ifndef HOLDFAST_GUEST_SPIN_LOCK_H
#define HOLDFAST_GUEST_SPIN_LOCK_H

#include <stdbool.h>

struct hf_spin_lock {
    bool held;
};

static inline void hf_spin_lock(struct hf_spin_lock *lock)
{
    while (__atomic_exchange_n(&lock->held, true, __ATOMIC_ACQUIRE)) {
        while (__atomic_load_n(&lock->held, __ATOMIC_RELAXED))
            __builtin_ia32_pause();
    }
}

static inline void hf_spin_unlock(struct hf_spin_lock *lock)
{
    __atomic_store_n(&lock->held, false, __ATOMIC_RELEASE);
}

#endif
