/* SPDX-License-Identifier: MIT
 * What ThreadSanitizer must have otherwise than the VMM has it. It leaves a program the first
 * 512 GiB of the address space and parts of its end, and keeps what lies between to itself: the
 * arena has another place than vmm/memory/place.c gives it. And it puts what it knows of a thread
 * on the thread's stack: the control service's has too little room. */
#include "vmm/memory/layout.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define PLACE  0x2000000000ull /* 128 GiB */
#define MARGIN (1ull << 30)
#define STACK  ((size_t)2 << 20)

uint8_t *arena_place(uint64_t bytes, struct error *error)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the address is ours to choose. */
    uint8_t *got = mmap((void *)(PLACE - MARGIN), bytes + 2 * MARGIN, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    if (got != MAP_FAILED)
        return got + MARGIN;
    error_set(error, "no address space for an arena of %llu bytes: %s", (unsigned long long)bytes,
              strerror(errno));
    return NULL;
}

void arena_unplace(uint8_t *arena, uint64_t bytes)
{
    munmap(arena - MARGIN, bytes + 2 * MARGIN);
}

int __wrap_pthread_attr_setstack(pthread_attr_t *attributes, void *stack, size_t bytes);

int __wrap_pthread_attr_setstack(pthread_attr_t *attributes, void *stack, size_t bytes)
{
    (void)stack;
    return pthread_attr_setstacksize(attributes, bytes > STACK ? bytes : STACK);
}
