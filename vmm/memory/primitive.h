/* SPDX-License-Identifier: MIT
 * The system calls of the map path and of RESERVE, under names: each can be made to fail, as it
 * does when the host's kernel has no memory, so that a drill or a test can watch the VMM get over
 * it. */
#ifndef HOLDFAST_MEMORY_PRIMITIVE_H
#define HOLDFAST_MEMORY_PRIMITIVE_H

#include <stdbool.h>
#include <stdint.h>

enum primitive {
    PRIMITIVE_MAP,      /* mmap of RAM or an object over the arena */
    PRIMITIVE_GUARD,    /* mmap of the guard over the arena */
    PRIMITIVE_PREFAULT, /* KVM_PRE_FAULT_MEMORY */
    PRIMITIVE_RUN,      /* KVM_RUN, for want of memory */
    PRIMITIVE_REACH,    /* KVM_RUN, which finds no host page behind an address: EFAULT */
    PRIMITIVE_BALLAST,  /* MADV_POPULATE_WRITE of ballast, at RESERVE */
    PRIMITIVE_SCRATCH,  /* mmap of the scratch page for second-level tables, at RESERVE */
    PRIMITIVES
};

/* "map", "guard", "prefault", "run", "reach", "ballast", "scratch". */
const char *primitive_name(enum primitive primitive);

struct injection {
    _Atomic uint32_t skip[PRIMITIVES]; /* calls that come through first */
    _Atomic uint32_t left[PRIMITIVES]; /* calls that are still to fail */
    _Atomic uint64_t injected;         /* failures since the start */
    _Atomic bool by_drill;             /* these failures are a drill's: see injection_is_drill() */
};

/* Makes the next count calls of one kind fail, in place of what was set before. */
void injection_set(struct injection *injection, enum primitive primitive, uint32_t count);

/* The same, but so many calls come through first. */
void injection_set_after(struct injection *injection, enum primitive primitive, uint32_t skip,
                         uint32_t count);

/* Whether this call is to fail; errno says how then. Costs one load where nothing is set. */
bool injection_should_fail(struct injection *injection, enum primitive primitive);

/* From now on, failures are those of a drill on a VM that is in use: what they hit waits and tries
 * again as it always does, but no ballast is given away and no RESERVE is refused for them. */
void injection_set_drill(struct injection *injection);
bool injection_is_drill(const struct injection *injection);

#endif
