/* SPDX-License-Identifier: MIT
 * Spin locks. Whoever holds one is kept on its CPU, with interrupts away, as at DISPATCH_LEVEL. */
#ifndef HOLDFAST_WDM_SPIN_LOCK_H
#define HOLDFAST_WDM_SPIN_LOCK_H

#include "holdfast/wdm/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;

VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock);

/* There is no IRQL: *OldIrql becomes PASSIVE_LEVEL, and what the CPU goes back to is kept in the
 * lock. So locks need not be released in the order in which Windows wants it, but each by the CPU
 * that holds it. Cannot fail. */
VOID KeAcquireSpinLock(PKSPIN_LOCK SpinLock, PKIRQL OldIrql);
VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);

/* For those who hold another lock already. */
VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);

#ifdef __cplusplus
}
#endif

#endif
