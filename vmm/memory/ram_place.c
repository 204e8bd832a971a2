/* SPDX-License-Identifier: MIT
 * Where RAM lies in the VMM's address space. */
#include "layout.h"

#include <errno.h>
#include <sys/mman.h>

uint8_t *ram_place(int fd, uint64_t bytes)
{
    const uint64_t room = bytes + LARGE_ENTRY;
    uint8_t *range =
        mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (range == MAP_FAILED)
        return NULL;
    const uint64_t before = (LARGE_APART - (uintptr_t)range) % LARGE_ENTRY;
    void *ram = mmap(range + before, bytes, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, 0);
    if (ram == MAP_FAILED) {
        const int cause = errno;
        munmap(range, room);
        errno = cause;
        return NULL;
    }
    if (before > 0)
        munmap(range, before);
    munmap(range + before + bytes, room - before - bytes);
    return ram;
}
