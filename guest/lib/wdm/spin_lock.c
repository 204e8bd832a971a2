/* SPDX-License-Identifier: MIT
 * Spin locks: 0, or HELD with what hf_platform_unpin() wants. */
#include "guest/lib/platform.h"
#include "holdfast/wdm.h"

#include <stdbool.h>

#define HELD ((ULONG_PTR)1 << 63) /* no kernel's flags register reaches so far */

VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}

static void acquire(PKSPIN_LOCK lock, ULONG_PTR pin)
{
    ULONG_PTR free = 0;

    while (!__atomic_compare_exchange_n(lock, &free, HELD | pin, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
        __builtin_ia32_pause();
        free = 0;
    }
}

VOID KeAcquireSpinLock(PKSPIN_LOCK SpinLock, PKIRQL OldIrql)
{
    *OldIrql = PASSIVE_LEVEL;
    acquire(SpinLock, hf_platform_pin());
}

VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    ULONG_PTR pin = __atomic_load_n(SpinLock, __ATOMIC_RELAXED) & ~HELD;

    UNREFERENCED_PARAMETER(NewIrql);
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
    hf_platform_unpin(pin);
}

VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    acquire(SpinLock, 0);
}

VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}
