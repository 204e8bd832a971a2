/* SPDX-License-Identifier: MIT
 * Pool over the kernel's allocator. In front of every block stands a header. */
#include "guest/lib/platform.h"
#include "holdfast/wdm.h"

#include <stdbool.h>

#define LIVE  0x4c6f6f50u /* "PooL" */
#define FREED 0x466f6f50u /* "PooF" */

#define CODE_FREED_BEFORE 0x7
#define CODE_WRONG_TAG    0xa
#define CODE_NOT_POOL     0x46

struct header {
    void *memory; /* where the allocation starts, header and padding included */
    size_t bytes;
    ULONG tag;
    uint32_t mark;
    uint64_t padding; /* blocks are aligned to 16 */
};
C_ASSERT(sizeof(struct header) % 16 == 0);

/* Aligned to a power of two that holds all of it, a small block crosses no page boundary. */
static size_t alignment_of(size_t bytes)
{
    size_t align = 16;

    while (align < bytes)
        align *= 2;
    return align;
}

static void *allocate(size_t bytes, ULONG tag)
{
    bool small = bytes <= PAGE_SIZE - sizeof(struct header);
    size_t before = small ? sizeof(struct header) : PAGE_SIZE;

    if (tag == 0 || bytes > SIZE_MAX - PAGE_SIZE)
        return NULL;
    char *memory =
        hf_platform_alloc(before + bytes, small ? alignment_of(before + bytes) : PAGE_SIZE);
    if (memory == NULL)
        return NULL;
    struct header *header = (struct header *)(void *)(memory + before) - 1;
    *header = (struct header){.memory = memory, .bytes = before + bytes, .tag = tag, .mark = LIVE};
    return header + 1;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return allocate(NumberOfBytes, Tag);
}

PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(Flags);
    return allocate(NumberOfBytes, Tag); /* the platform's memory is zeroed in any case */
}

static void refuse(ULONG_PTR code, const void *block, ULONG_PTR owner, ULONG_PTR tag)
{
    KeBugCheckEx(BAD_POOL_CALLER, code, (ULONG_PTR)block, owner, tag);
}

VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    struct header *header = P != NULL ? (struct header *)P - 1 : NULL;
    hf_gpa gpa;

    if (header == NULL || (uintptr_t)P % 16 != 0 || !hf_platform_gpa(header, &gpa)) {
        refuse(CODE_NOT_POOL, P, 0, Tag);
    } else if (header->mark != LIVE) {
        refuse(header->mark == FREED ? CODE_FREED_BEFORE : CODE_NOT_POOL, P, 0, Tag);
    } else if (Tag != 0 && Tag != header->tag) {
        refuse(CODE_WRONG_TAG, P, header->tag, Tag);
    } else {
        header->mark = FREED;
        hf_platform_free(header->memory, header->bytes);
    }
}

VOID ExFreePool(PVOID P)
{
    ExFreePoolWithTag(P, 0);
}
