/* SPDX-License-Identifier: MIT
 * The system calls of the map path, under names: each can be made to fail, as it does when the
 * host's kernel has no memory, so that a drill or a test can watch the VMM get over it. */
#ifndef HOLDFAST_MEMORY_PRIMITIVE_H
#define HOLDFAST_MEMORY_PRIMITIVE_H

#include <stdbool.h>
#include <stdint.h>

enum primitive {
    PRIMITIVE_MAP,      /* mmap of RAM or an object over the arena */
    PRIMITIVE_GUARD,    /* mmap of the guard over the arena */
    PRIMITIVE_PREFAULT, /* KVM_PRE_FAULT_MEMORY */
    PRIMITIVE_RUN,      /* KVM_RUN */
    PRIMITIVES
};

/* "map", "guard", "prefault", "run". */
const char *primitive_name(enum primitive primitive);

struct injection {
    _Atomic uint32_t left[PRIMITIVES]; /* calls that are still to fail */
    _Atomic uint64_t injected;         /* failures since the start */
};

/* Makes the next count calls of one kind fail with ENOMEM, in place of what was set before. */
void injection_set(struct injection *injection, enum primitive primitive, uint32_t count);

/* Whether this call is to fail; errno is ENOMEM then. Costs one load where nothing is set. */
bool injection_strikes(struct injection *injection, enum primitive primitive);

#endif
