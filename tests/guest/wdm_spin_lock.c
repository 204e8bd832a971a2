/* SPDX-License-Identifier: MIT
 * Two CPUs share one reservation under a spin lock, as Windows' drivers do, with changes of type
 * that the CPU which waits for the lock has to take part in. */
/* vm: --vcpus 2 */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#pragma warning(disable : 4201)
#pragma alloc_text(PAGE, guest_main)

#define ROUNDS 30

static KSPIN_LOCK lock;
static PVOID address;
static PMDL pages[2];
static ULONG rounds; /* of both, under the lock */

static void map_and_unmap(void *argument)
{
    PMDL mdl = argument;

    for (ULONG round = 0; round < ROUNDS; round++) {
        MEMORY_CACHING_TYPE type = round % 2 == 0 ? MmNonCached : MmCached;
        KIRQL irql;

        KeAcquireSpinLock(&lock, &irql);
        if (MmMapLockedPagesWithReservedMapping(address, TAG, mdl, type) == address) {
            stamp(address, 1, ++rounds);
            MmUnmapReservedMapping(address, TAG, mdl);
            MmPrepareMdlForReuse(mdl);
        }
        KeReleaseSpinLock(&lock, irql);
    }
}

int guest_main(void)
{
    KeInitializeSpinLock(&lock);
    address = MmAllocateMappingAddress(PAGE_SIZE, TAG);
    pages[0] = any_pages(1);
    pages[1] = any_pages(1);
    CHECK(address != NULL && pages[0] != NULL && pages[1] != NULL);
    nano_run_on(1, map_and_unmap, pages[1]);
    map_and_unmap(pages[0]);
    nano_wait_for(1);
    CHECK_EQUAL(rounds, 2 * ROUNDS);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
