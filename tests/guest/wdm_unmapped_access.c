/* SPDX-License-Identifier: MIT
 * A reservation can be accessed only where and while it is mapped: before, behind and after, the
 * access ends with #GP. */
#include "nano.h"
#include "wdm_buffer.h"

#define GP 13

static void read_word(void *address)
{
    (void)*(volatile ULONG *)address;
}

static void write_word(void *address)
{
    *(volatile ULONG *)address = 1;
}

static bool refused(PVOID address)
{
    struct nano_exception read = {0}, written = {0};

    return !nano_try(read_word, address, &read) && !nano_try(write_word, address, &written) &&
           read.vector == GP && written.vector == GP;
}

int guest_main(void)
{
    PUCHAR address = MmAllocateMappingAddress(4 * PAGE_SIZE, TAG);
    PMDL mdl = lock_pages(2);

    CHECK(address != NULL && mdl != NULL);
    CHECK(refused(address));
    CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, mdl, MmCached) == address);
    stamp(address, 2, 1);
    CHECK(refused(address + 2 * PAGE_SIZE));
    CHECK(is_stamped(address, 2, 1));
    MmUnmapReservedMapping(address, TAG, mdl);
    CHECK(refused(address));
    CHECK(refused(address + PAGE_SIZE));
    CHECK(is_stamped(MmGetMdlVirtualAddress(mdl), 2, 1));
    MmFreeMappingAddress(address, TAG);
    CHECK(refused(address));
    return 0;
}
