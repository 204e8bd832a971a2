/* SPDX-License-Identifier: MIT
 * One CPU reserves and frees while the other goes on mapping at the same address: the codes of
 * that mistake, and nothing worse. */
/* vm: --vcpus 2 */
#include "nano.h"
#include "wdm_buffer.h"

#define ROUNDS 25
#define PAUSES 200 /* in which the other CPU gets its chance */
#define FREELY 8   /* maps; then it gets one for certain, also where both share a processor */

static PVOID address; /* always the same while nobody else reserves */
static PMDL mdl;
static bool finished;
static ULONG others, freed_mapped, tries;

VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
                  ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)
{
    UNREFERENCED_PARAMETER(BugCheckParameter2);
    UNREFERENCED_PARAMETER(BugCheckParameter3);
    UNREFERENCED_PARAMETER(BugCheckParameter4);
    if (BugCheckCode == SYSTEM_PTE_MISUSE && BugCheckParameter1 == 0x103)
        __atomic_store_n(&freed_mapped, 1, __ATOMIC_RELEASE);
    else if (BugCheckCode != SYSTEM_PTE_MISUSE || BugCheckParameter1 != 0x105)
        __atomic_add_fetch(&others, 1, __ATOMIC_RELAXED);
}

static void wait_for_a_try(void)
{
    const ULONG seen = __atomic_load_n(&tries, __ATOMIC_ACQUIRE);

    while (__atomic_load_n(&tries, __ATOMIC_ACQUIRE) == seen &&
           !__atomic_load_n(&finished, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
}

static void go_on_mapping(void *argument)
{
    UNREFERENCED_PARAMETER(argument);
    for (ULONG round = 1; !__atomic_load_n(&finished, __ATOMIC_ACQUIRE); round++) {
        if (MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmNonCached) != NULL)
            MmUnmapReservedMapping(address, TAG, mdl);
        for (ULONG i = 0; i < PAUSES; i++)
            __builtin_ia32_pause();
        if (round % FREELY == 0)
            wait_for_a_try();
    }
}

/* Frees, again and again as long as the other has it mapped. */
static void free_at_last(void)
{
    do {
        __atomic_store_n(&freed_mapped, 0, __ATOMIC_RELEASE);
        MmFreeMappingAddress(address, TAG);
        __atomic_add_fetch(&tries, 1, __ATOMIC_RELEASE);
    } while (__atomic_load_n(&freed_mapped, __ATOMIC_ACQUIRE));
}

int guest_main(void)
{
    CHECK(nano_cpus() == 2);
    address = MmAllocateMappingAddress(2 * PAGE_SIZE, TAG);
    mdl = any_pages(1);
    CHECK(address != NULL && mdl != NULL);
    nano_run_on(1, go_on_mapping, NULL);
    for (ULONG round = 0; round < ROUNDS; round++) {
        free_at_last();
        CHECK(MmAllocateMappingAddress(2 * PAGE_SIZE, TAG) == address);
    }
    free_at_last();
    __atomic_store_n(&finished, true, __ATOMIC_RELEASE);
    nano_wait_for(1);
    CHECK(others == 0);
    return 0;
}
