/* SPDX-License-Identifier: MIT
 * Hundreds of reservations at once, of which each is found by every address in it and by its tag,
 * also after some of them are gone. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define COUNT 150

int guest_main(void)
{
    static PVOID address[COUNT];
    PMDL mdl = lock_pages(1);

    CHECK(mdl != NULL);
    for (ULONG i = 0; i < COUNT; i++)
        CHECK((address[i] = MmAllocateMappingAddress(2 * PAGE_SIZE, i + 1)) != NULL);
    for (ULONG i = 0; i < COUNT; i += 2)
        MmFreeMappingAddress(address[i], i + 1);
    CHECK(recorded.count == 0);
    for (ULONG i = 1; i < COUNT; i += 2) {
        PUCHAR at = (PUCHAR)address[i] + i / 2 % 2 * PAGE_SIZE;

        CHECK(MmMapLockedPagesWithReservedMapping(at, i + 1, mdl, MmCached) == at);
        MmUnmapReservedMapping(at, i + 1, mdl);
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
