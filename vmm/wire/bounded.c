/* SPDX-License-Identifier: MIT
 * A pointer that moves through a fixed piece of memory. */
#include "vmm/wire/bounded.h"

#include <stdint.h>

#define ALIGNMENT _Alignof(max_align_t)

static void *allocator_alloc(void *data, size_t bytes)
{
    return bounded_alloc(data, bytes);
}

/* protobuf-c frees what an incomplete decoding has made; the reset takes it all. */
static void allocator_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

void bounded_init(struct bounded *bounded, void *memory, size_t room)
{
    size_t skew = (uintptr_t)memory % ALIGNMENT;
    size_t skip = skew == 0 ? 0 : ALIGNMENT - skew;
    if (skip > room)
        skip = room;
    *bounded = (struct bounded){
        .allocator = {.alloc = allocator_alloc, .free = allocator_free, .allocator_data = bounded},
        .memory = (unsigned char *)memory + skip,
        .room = room - skip,
    };
}

void *bounded_alloc(struct bounded *bounded, size_t bytes)
{
    /* used is a multiple of the alignment and never above room. */
    size_t left = bounded->room - bounded->used;
    size_t padding = bytes % ALIGNMENT == 0 ? 0 : ALIGNMENT - bytes % ALIGNMENT;
    if (bytes > left || padding > left - bytes) {
        bounded->exhausted = true;
        return NULL;
    }
    void *result = bounded->memory + bounded->used;
    bounded->used += bytes + padding;
    return result;
}

void *bounded_array(struct bounded *bounded, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        bounded->exhausted = true;
        return NULL;
    }
    return bounded_alloc(bounded, bytes);
}

void bounded_reset(struct bounded *bounded)
{
    bounded->used = 0;
    bounded->exhausted = false;
}
