/* SPDX-License-Identifier: MIT
 * Where the arena lies in the VMM's address space.
 *
 * The kernel places mappings that name no address from the stack downwards, in the highest gap
 * that is large enough, and the heap behind the program. The middle of the address space is
 * reached only when everything above it is full. So even a hole that a failed mmap left in the
 * arena is never filled with anything else. */
#include "layout.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define PLACE_FIRST 0x200000000000ull /* 32 TiB; clear of the sanitizers' shadow memory too */
#define PLACE_STEP  0x020000000000ull /* 2 TiB: the largest arena and margins fit between steps */
#define PLACE_LAST  0x400000000000ull

/* Inaccessible on both sides, so that a run beyond either end meets the guard as well. */
#define MARGIN (1ull << 30)

uint8_t *arena_place(uint64_t bytes, struct error *error)
{
    for (uint64_t place = PLACE_FIRST; place < PLACE_LAST; place += PLACE_STEP) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the address is ours to choose. */
        void *want = (void *)(place - MARGIN);
        void *got = mmap(want, bytes + 2 * MARGIN, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (got == want)
            return (uint8_t *)got + MARGIN + LARGE_APART;
        if (got != MAP_FAILED) /* a kernel before 4.17 takes the address as a hint */
            munmap(got, bytes + 2 * MARGIN);
        else if (errno != EEXIST) {
            error_set(error,
                      "no address space for an arena of %llu bytes: %s; choose a smaller --arena "
                      "or raise the limit (ulimit -v)",
                      (unsigned long long)bytes, strerror(errno));
            return NULL;
        }
    }
    error_set(error,
              "no free address range for an arena of %llu bytes; choose a smaller --memory or "
              "--arena",
              (unsigned long long)bytes);
    return NULL;
}

void arena_unplace(uint8_t *arena, uint64_t bytes)
{
    munmap(arena - LARGE_APART - MARGIN, bytes + 2 * MARGIN);
}
