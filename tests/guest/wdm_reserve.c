/* SPDX-License-Identifier: MIT
 * A reservation is whole pages, has the tag and the alignment asked for, and costs none of the
 * objects that only a mapping needs. What cannot be reserved is NULL. */
#include "holdfast/guest.h"
#include "nano.h"
#include "wdm_buffer.h"
#include "wdm_recorder.h"

int guest_main(void)
{
    struct hf_info before, after;

    CHECK(hf_init() == HF_OK);
    CHECK(hf_info(&before) == HF_OK);

    PVOID first = MmAllocateMappingAddress(1, 1); /* 1 is a tag */
    CHECK(first != NULL);
    CHECK(BYTE_OFFSET(first) == 0);
    PVOID second = MmAllocateMappingAddress(5 * PAGE_SIZE + 1, TAG);
    CHECK(second != NULL && second != first);
    CHECK(hf_info(&after) == HF_OK);
    CHECK(before.arena_free - after.arena_free == 1 + 6);
    CHECK(before.windows_free - after.windows_free == 2);

    /* One byte reserves one page and no more. */
    PMDL one = lock_pages(1);
    PMDL two = lock_pages(2);
    CHECK(one != NULL && two != NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(first, 1, two, MmCached) == NULL);
    CHECK(MmMapLockedPagesWithReservedMapping(first, 1, one, MmCached) == first);
    MmUnmapReservedMapping(first, 1, one);

    MmFreeMappingAddress(first, 1);
    MmFreeMappingAddress(second, TAG);
    CHECK(hf_info(&after) == HF_OK);
    CHECK(after.arena_free == before.arena_free);
    CHECK(after.windows_free == before.windows_free);
    CHECK(after.extents_free == before.extents_free);

    CHECK(MmAllocateMappingAddress(PAGE_SIZE, 0) == NULL);
    CHECK(MmAllocateMappingAddressEx(PAGE_SIZE, TAG, 0x2) == NULL);
    CHECK(MmAllocateMappingAddressEx(PAGE_SIZE, TAG, 0x80000001u) == NULL);
    CHECK(MmAllocateMappingAddress((SIZE_T)1 << (32 + PAGE_SHIFT), TAG) == NULL);
    CHECK(MmAllocateMappingAddress(~(SIZE_T)0, TAG) == NULL);
    CHECK(MmAllocateMappingAddress((SIZE_T)(before.arena_pages + 1) << PAGE_SHIFT, TAG) == NULL);
    CHECK(recorded.count == 0);
    CHECK(hf_info(&after) == HF_OK);
    CHECK(after.arena_free == before.arena_free);
    return 0;
}
