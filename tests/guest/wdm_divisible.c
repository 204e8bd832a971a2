/* SPDX-License-Identifier: MIT
 * MM_MAPPING_ADDRESS_DIVISIBLE: the address is divisible by the size of the mapping, whatever was
 * reserved before. */
#include "nano.h"
#include "wdm_buffer.h"

int guest_main(void)
{
    static const SIZE_T sizes[] = {1, 2, 16, 64, 4, 512, 32};
    PVOID address[RTL_NUMBER_OF(sizes)];
    PVOID odd = MmAllocateMappingAddress(PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);

    CHECK(odd != NULL && mdl != NULL);
    for (ULONG i = 0; i < RTL_NUMBER_OF(sizes); i++) {
        address[i] =
            MmAllocateMappingAddressEx(sizes[i] * PAGE_SIZE, TAG, MM_MAPPING_ADDRESS_DIVISIBLE);
        CHECK(address[i] != NULL);
        CHECK((ULONG_PTR)address[i] % (sizes[i] * PAGE_SIZE) == 0);
    }

    stamp(MmGetMdlVirtualAddress(mdl), 2, 7);
    CHECK(MmMapLockedPagesWithReservedMapping(address[2], TAG, mdl, MmCached) == address[2]);
    CHECK(is_stamped(address[2], 2, 7));
    MmUnmapReservedMapping(address[2], TAG, mdl);

    for (ULONG i = 0; i < RTL_NUMBER_OF(sizes); i++)
        MmFreeMappingAddress(address[i], TAG);
    MmFreeMappingAddress(odd, TAG);
    return 0;
}
