/* SPDX-License-Identifier: MIT
 * Hundreds of reservations at once, of which each is found by its own address and tag, also after
 * some of them are gone. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define COUNT 150

int guest_main(void)
{
    static PVOID address[COUNT];
    PMDL mdl = lock_pages(1);

    CHECK(mdl);
    for (ULONG i = 0; i < COUNT; i++)
        CHECK((address[i] = MmAllocateMappingAddress(PAGE_SIZE, i + 1)) != NULL);
    for (ULONG i = 0; i < COUNT; i += 2)
        MmFreeMappingAddress(address[i], i + 1);
    CHECK(recorded.count == 0);
    for (ULONG i = 1; i < COUNT; i += 2) {
        CHECK(MmMapLockedPagesWithReservedMapping(address[i], i + 1, mdl, MmCached) == address[i]);
        MmUnmapReservedMapping(address[i], i + 1, mdl);
    }
    CHECK(recorded.count == 0);
    for (ULONG i = 0; i < COUNT; i += 25) {
        MmFreeMappingAddress(address[i & ~1u], (i & ~1u) + 1);
        CHECK(misused(0x102, address[i & ~1u], (i & ~1u) + 1, 0));
    }
    for (ULONG i = 1; i < COUNT; i += 2)
        MmFreeMappingAddress(address[i], i + 1);
    CHECK(recorded.count == 0);
    return 0;
}
