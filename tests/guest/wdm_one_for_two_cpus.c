/* SPDX-License-Identifier: MIT
 * Two CPUs that use one reservation at once, a driver's mistake, get the codes of that mistake
 * and nothing worse: no other code, no broken memory. */
/* vm: --vcpus 2 */
#include "nano.h"
#include "wdm_buffer.h"

#define PAGES  3
#define ROUNDS 80

static PVOID address;
static ULONG mapped, unmapped, refused, others;

VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
                  ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)
{
    bool expected = BugCheckCode == SYSTEM_PTE_MISUSE &&
                    (BugCheckParameter1 == 0x107 || BugCheckParameter1 == 0x10b) &&
                    BugCheckParameter2 == (ULONG_PTR)address;

    UNREFERENCED_PARAMETER(BugCheckParameter3);
    UNREFERENCED_PARAMETER(BugCheckParameter4);
    __atomic_add_fetch(expected ? &refused : &others, 1, __ATOMIC_RELAXED);
}

static void map_and_unmap(void *argument)
{
    PMDL mdl = argument;

    for (ULONG round = 0; round < ROUNDS; round++) {
        if (MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) != NULL)
            __atomic_add_fetch(&mapped, 1, __ATOMIC_RELAXED);
        MmUnmapReservedMapping(address, TAG, mdl);
        __atomic_add_fetch(&unmapped, 1, __ATOMIC_RELAXED);
    }
}

int guest_main(void)
{
    PMDL first = any_pages(PAGES);
    PMDL second = any_pages(PAGES);

    CHECK(nano_cpus() == 2);
    address = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    CHECK(address != NULL && first != NULL && second != NULL);
    scatter(second);
    nano_run_on(1, map_and_unmap, first);
    map_and_unmap(second);
    nano_wait_for(1);

    /* Every map has been unmapped by one of the two; every other call was refused. */
    CHECK(others == 0);
    CHECK(unmapped == 2 * ROUNDS);
    CHECK(mapped > 0 && refused == 2 * (2 * ROUNDS - mapped));
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, second, MmCached) == address);
    stamp(address, PAGES, 1);
    CHECK(is_stamped(address, PAGES, 1));
    MmUnmapReservedMapping(address, TAG, second);
    MmFreeMappingAddress(address, TAG);
    CHECK(others == 0);
    return 0;
}
