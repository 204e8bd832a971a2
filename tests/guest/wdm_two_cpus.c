/* SPDX-License-Identifier: MIT
 * Two CPUs map in reservations of their own at the same time, with changes of type that the other
 * CPU has to take part in. */
/* vm: --vcpus 2 */
#include "nano.h"
#include "wdm_buffer.h"

#define PAGES  2
#define ROUNDS 80

struct work {
    PUCHAR address;
    PMDL mdl;
    ULONG seed;
    bool failed;
};

static bool prepare(struct work *work, ULONG seed)
{
    work->address = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    work->mdl = any_pages(PAGES);
    work->seed = seed;
    if (work->address == NULL || work->mdl == NULL)
        return false;
    scatter(work->mdl);
    return true;
}

static void map_and_unmap(void *argument)
{
    struct work *work = argument;

    for (ULONG round = 0; round < ROUNDS && !work->failed; round++) {
        MEMORY_CACHING_TYPE type = round % 8 == 0 ? MmWriteCombined : MmCached;

        if (MmMapLockedPagesWithReservedMapping(work->address, TAG, work->mdl, type) !=
            work->address) {
            work->failed = true;
            return;
        }
        if (round > 0 && !is_stamped(work->address, PAGES, work->seed + round - 1))
            work->failed = true;
        stamp(work->address, PAGES, work->seed + round);
        MmUnmapReservedMapping(work->address, TAG, work->mdl);
    }
}

int guest_main(void)
{
    static struct work here, there;

    CHECK(nano_cpus() == 2);
    CHECK(prepare(&here, 0x1000));
    CHECK(prepare(&there, 0x2000));
    nano_run_on(1, map_and_unmap, &there);
    map_and_unmap(&here);
    nano_wait_for(1);
    CHECK(!here.failed && !there.failed);
    MmFreeMappingAddress(here.address, TAG);
    MmFreeMappingAddress(there.address, TAG);
    return 0;
}
