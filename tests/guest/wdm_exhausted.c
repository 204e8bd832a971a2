/* SPDX-License-Identifier: MIT
 * When the arena is used up, a reserve is NULL, and nothing else is: reservations that exist go on
 * mapping, and what is freed can be reserved again. */
/* vm: --arena 4M */
#include "holdfast/guest.h"
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define WINDOW (256 * 1024)
#define MOST   64

int guest_main(void)
{
    static PVOID address[MOST];
    PMDL mdl = lock_pages(2);
    ULONG count = 0;

    CHECK(mdl != NULL);
    stamp(MmGetMdlVirtualAddress(mdl), 2, 1);
    while (count < MOST && (address[count] = MmAllocateMappingAddress(WINDOW, TAG)) != NULL)
        count++;
    CHECK(count > 0 && count < MOST);
    CHECK(recorded.count == 0);

    for (ULONG i = 0; i < count; i++) {
        CHECK(MmMapLockedPagesWithReservedMapping(address[i], TAG, mdl, MmCached) == address[i]);
        CHECK(is_stamped(address[i], 2, 1));
        MmUnmapReservedMapping(address[i], TAG, mdl);
    }

    MmFreeMappingAddress(address[0], TAG);
    address[0] = MmAllocateMappingAddress(WINDOW, TAG);
    CHECK(address[0] != NULL);
    for (ULONG i = 0; i < count; i++)
        MmFreeMappingAddress(address[i], TAG);
    CHECK(recorded.count == 0);
    return 0;
}
