/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include <errno.h>
#include <sys/mman.h>

#define LEFT_TO_OTHERS ((size_t)2 << 20)

/* Whether so much more could be locked. */
static bool is_left(size_t bytes)
{
    void *range = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (range == MAP_FAILED)
        return false;
    const bool left = mlock2(range, bytes, MLOCK_ONFAULT) == 0; /* no page is made for it */
    munmap(range, bytes);
    return left;
}

bool lock_in_memory(const void *memory, size_t bytes)
{
    if (mlock(memory, bytes) < 0)
        return false;
    if (is_left(LEFT_TO_OTHERS))
        return true;
    munlock(memory, bytes);
    errno = ENOMEM;
    return false;
}

bool lock_all_in_memory(void)
{
    if (mlockall(MCL_CURRENT) < 0)
        return false;
    if (is_left(LEFT_TO_OTHERS))
        return true;
    munlockall();
    errno = ENOMEM;
    return false;
}
