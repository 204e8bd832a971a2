/* SPDX-License-Identifier: MIT
 * Memory for protobuf-c out of one fixed piece: what a peer sends cannot make us allocate more.
 * Nothing is given back one by one; bounded_reset() gives back everything. */
#ifndef HOLDFAST_WIRE_BOUNDED_H
#define HOLDFAST_WIRE_BOUNDED_H

#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>
#include <stddef.h>

struct bounded {
    ProtobufCAllocator allocator; /* for protobuf-c; holds the address of this structure */
    unsigned char *memory;
    size_t room;
    size_t used;
    bool exhausted; /* something was refused since the last reset */
};

/* Takes over room bytes at memory. The structure must not be moved afterwards. Cannot fail. */
void bounded_init(struct bounded *bounded, void *memory, size_t room);

/* Bytes aligned for any type, not cleared; NULL when too few are left. */
void *bounded_alloc(struct bounded *bounded, size_t bytes);

/* As bounded_alloc() for count elements of size bytes each; NULL also where that overflows. */
void *bounded_array(struct bounded *bounded, size_t count, size_t size);

void bounded_reset(struct bounded *bounded);

#endif
