/* SPDX-License-Identifier: MIT
 * The point of it all: with not a free page or byte in the guest, and with interrupts off, map
 * and unmap succeed, whatever the pages and the type. */
/* vm: --memory 5M */
#include "guest/lib/platform.h"
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

#define PAGES  16
#define ROUNDS 10

static void use_up_memory(void)
{
    for (size_t pages = 256; pages > 0; pages /= 4) {
        while (nano_pages(pages) != NULL)
            ;
    }
    for (size_t bytes = 2048; bytes >= 32; bytes /= 2) {
        while (hf_platform_alloc(bytes, 32) != NULL)
            ;
    }
}

int guest_main(void)
{
    static const MEMORY_CACHING_TYPE types[] = {MmCached, MmNonCached, MmWriteCombined};
    PVOID address = MmAllocateMappingAddress(PAGES * PAGE_SIZE, TAG);
    PMDL whole = any_pages(PAGES);
    PMDL part = lock_pages(PAGES / 2);

    CHECK(address != NULL && whole != NULL && part != NULL);
    scatter(whole);
    use_up_memory();
    CHECK(nano_pages_free() == 0);
    CHECK(MmAllocateMappingAddress(PAGE_SIZE, TAG) == NULL);

    __asm__ volatile("cli");
    for (ULONG round = 0; round < ROUNDS; round++) {
        MEMORY_CACHING_TYPE type = types[round % RTL_NUMBER_OF(types)];

        CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, whole, type) == address);
        stamp(address, PAGES, round);
        MmUnmapReservedMapping(address, TAG, whole);
        CHECK(MmMapLockedPagesWithReservedMapping(address, TAG, part, type) == address);
        stamp(address, PAGES / 2, round);
        CHECK(is_stamped(MmGetMdlVirtualAddress(part), PAGES / 2, round));
        MmUnmapReservedMapping(address, TAG, part);
    }
    __asm__ volatile("sti");
    MmFreeMappingAddress(address, TAG);
    CHECK(recorded.count == 0);
    return 0;
}
