/* SPDX-License-Identifier: MIT
 * A reservation takes several MDLs: each is mapped from the page on whose address is given, is
 * found by that address for the unmap, and is none of the others' business. */
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

/* A buffer seen twice, end to end: what runs over the end of the first is at its start. */
static int ring_of_two_mappings(void)
{
    const SIZE_T bytes = 2 * PAGE_SIZE;
    PUCHAR address = MmAllocateMappingAddressEx(2 * bytes, TAG, MM_MAPPING_ADDRESS_DIVISIBLE);
    PMDL first = lock_pages(2);
    PUCHAR buffer = MmGetMdlVirtualAddress(first);
    PMDL second = lock_part(buffer, (ULONG)bytes);

    CHECK(address != NULL && first != NULL && second != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, first, MmNonCached) == address);
    CHECK(MmMapLockedPagesWithReservedMapping(address + bytes, TAG, second, MmNonCached) ==
          address + bytes);
    CHECK(first->MappedSystemVa == address && second->MappedSystemVa == address + bytes);
    *(volatile ULONG *)(PVOID)(address + bytes - 2) = 0x11223344;
    CHECK(buffer[bytes - 1] == 0x33 && buffer[0] == 0x22 && address[1] == 0x11);

    MmUnmapReservedMapping(address + bytes, TAG, second);
    CHECK(!(second->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA));
    CHECK(first->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA && address[1] == 0x11);
    MmUnmapReservedMapping(address, TAG, first);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    MmUnlockPages(second);
    IoFreeMdl(second);
    unlock_pages(first);
    return 0;
}

/* Pages that one MDL has left are another's, while the next one stays. */
static int each_comes_and_goes(PUCHAR address, PMDL one, PMDL other)
{
    PUCHAR middle = address + 2 * PAGE_SIZE;

    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, one, MmCached) == address);
    /* Any address of the page will do, as at the start. */
    CHECK(MmMapLockedPagesWithReservedMapping(middle + 0x123, TAG, other, MmCached) == middle);
    MmUnmapReservedMapping(address + 5, TAG, one);
    CHECK(is_stamped(middle, 2, 6));
    CHECK(MmMapLockedPagesWithReservedMapping(address + PAGE_SIZE, TAG, one, MmCached) == NULL);
    CHECK(misused(0x107, address + PAGE_SIZE, (ULONG_PTR)address + PAGE_SIZE,
                  (ULONG_PTR)address + 2 * PAGE_SIZE));
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, one, MmCached) == address);
    CHECK(is_stamped(address, 2, 5) && is_stamped(middle, 2, 6));
    CHECK(recorded.count == 0);
    return 0;
}

/* With one MDL on pages 0 and 1, and the other on 2 and 3, of five. */
static int misuses_name_the_place(PUCHAR address, PMDL one, PMDL other)
{
    PUCHAR middle = address + 2 * PAGE_SIZE;
    PUCHAR last = address + 4 * PAGE_SIZE;
    PMDL three = lock_pages(3);

    CHECK(three != NULL);
    /* Not enough pages from there on: NULL as for any MDL that is too large. */
    CHECK(MmMapLockedPagesWithReservedMapping(last, TAG, three, MmCached) == NULL);
    CHECK(recorded.count == 0);
    CHECK(MmMapLockedPagesWithReservedMapping(last, OTHER, three, MmCached) == NULL);
    CHECK(misused(0x104, last, OTHER, TAG));
    CHECK(MmMapLockedPagesWithReservedMapping(last + PAGE_SIZE, TAG, one, MmCached) == NULL);
    CHECK(misused(0x105, last + PAGE_SIZE, TAG, 0));

    MmUnmapReservedMapping(middle, OTHER, other);
    CHECK(misused(0x108, middle, OTHER, TAG));
    MmUnmapReservedMapping(last + PAGE_SIZE, TAG, other);
    CHECK(misused(0x109, last + PAGE_SIZE, TAG, 0));
    MmUnmapReservedMapping(last, TAG, other);
    CHECK(misused(0x10a, last, 1, 2));
    MmUnmapReservedMapping(middle, TAG, three);
    CHECK(misused(0x10b, middle, TAG, 3));
    MmUnmapReservedMapping(address + PAGE_SIZE, TAG, one);
    CHECK(misused(0x10c, address + PAGE_SIZE, TAG, 2));

    MmFreeMappingAddress(middle, TAG); /* only the start gives a reservation back */
    CHECK(misused(0x102, middle, TAG, 0));
    MmUnmapReservedMapping(address, TAG, one);
    MmFreeMappingAddress(address, TAG);
    CHECK(misused(0x103, address, TAG, 5));
    CHECK(is_stamped(middle, 2, 6));
    return 0;
}

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(5 * PAGE_SIZE, TAG);
    PMDL one = lock_pages(2);
    PMDL other = lock_pages(2);

    CHECK(address != NULL && one != NULL && other != NULL);
    stamp(MmGetMdlVirtualAddress(one), 2, 5);
    stamp(MmGetMdlVirtualAddress(other), 2, 6);
    if (ring_of_two_mappings() || each_comes_and_goes(address, one, other) ||
        misuses_name_the_place(address, one, other))
        return 1;
    MmUnmapReservedMapping(address + 2 * PAGE_SIZE, TAG, other);
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
