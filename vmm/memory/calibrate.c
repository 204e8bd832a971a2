/* SPDX-License-Identifier: MIT */
#include "calibrate.h"

#include "cgroup.h"
#include "holdfast/abi.h"
#include "memory_left.h"

#include <stddef.h>
#include <sys/mman.h>
#include <time.h>

/* The kernel counts in batches of 64 pages a processor: against so many extents, little. */
#define EXTENTS 4096u
#define BATCH   (64u * HF_PAGE_SIZE)

/* That all of them are charged the same, but for two batches, is no chance: others are quiet. */
#define TRIES 4u
#define APART (2u * BATCH / EXTENTS)

/* What was unmapped is counted as free only after an RCU grace period, and bit by bit: what is used
 * must not change for so long, and does not for some time where others are at work. */
#define STILL_MS    8u
#define PATIENCE_MS 1000u

/* What no kernel charges: something else was counted. */
#define LEAST 128u
#define MOST  4096u

/* Enough that it cannot drive the cgroup to its limit. */
#define ROOM (2ull * EXTENTS * MOST)

static bool map_isolated(uint8_t *range, int fd, uint64_t pages)
{
    for (uint64_t i = 0; i < EXTENTS; i++)
        if (mmap(range + (2 * i + 1) * HF_PAGE_SIZE, HF_PAGE_SIZE, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED, fd, (off_t)(2 * i % pages * HF_PAGE_SIZE)) == MAP_FAILED)
            return false;
    return true;
}

/* Waits until what is used does not change any more. */
static bool wait_until_steady(uint64_t *used)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    uint32_t still = 0;
    uint64_t now;

    if (!cgroup_memory_used(used))
        return false;
    for (uint32_t i = 0; i < PATIENCE_MS && still < STILL_MS; i++) {
        nanosleep(&pause, NULL);
        if (!cgroup_memory_used(&now))
            return false;
        still = now == *used ? still + 1 : 0;
        *used = now;
    }
    return still == STILL_MS;
}

/* Bytes for each extent; 0: it cannot be told. */
static uint32_t measure(int fd, uint64_t pages)
{
    const size_t bytes = (2ull * EXTENTS + 1) * HF_PAGE_SIZE;
    uint64_t before;
    uint64_t after;

    uint8_t *range =
        mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED)
        return 0;
    const bool measured = wait_until_steady(&before) && map_isolated(range, fd, pages) &&
                          cgroup_memory_used(&after) && after > before;
    munmap(range, bytes);
    const uint64_t cost = measured ? (after - before) / EXTENTS : 0;
    return cost >= LEAST && cost <= MOST ? (uint32_t)cost : 0;
}

uint32_t calibrate_extent(int fd, uint64_t bytes)
{
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;

    if (memory_left() < ROOM)
        return 0;
    for (uint32_t i = 0; i < TRIES; i++) {
        const uint32_t cost = measure(fd, bytes / HF_PAGE_SIZE);
        if (cost == 0)
            return 0;
        least = cost < least ? cost : least;
        most = cost > most ? cost : most;
    }
    return most - least <= APART ? most : 0;
}
