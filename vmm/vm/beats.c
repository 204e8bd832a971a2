/* SPDX-License-Identifier: MIT */
#include "beats.h"

#include "vmm/cause.h"
#include "vmm/process/notify.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED /* Linux 5.18 */
#define MADV_DONTNEED_LOCKED 24
#endif

#define PAGE  4096u
#define PAGES 128u
#define BYTES (PAGES * PAGE)

/* A datagram takes one or two. While others take them, too, so many are not gone at once; and they
 * are fewer than the kernel charges ahead, so that nobody gets all of them in one go. */
#define PAGES_AT_ONCE 32u
#define TRIES         2u

/* While memory is short, a beat may cost pages that are not to be had again. */
#define LONGER_SECONDS 3600u

static struct {
    uint8_t *pages;
    uint32_t lent;     /* of them, the first ones */
    bool waits_longer; /* so the supervisor was told, */
    time_t told_at;    /* then */
} beats;

int beats_prepare(struct error *error)
{
    void *pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return error_set(error, "no watchdog: %s", cause_text(errno));
    beats.pages = pages;
    /* Else it is there at first, and may be swapped. */
    madvise(pages, BYTES, MADV_NOHUGEPAGE);
    mlock(pages, BYTES);
    for (uint32_t i = 0; i < PAGES; i++)
        ((volatile uint8_t *)pages)[i * PAGE] = 1;
    return 0;
}

void beats_end(void)
{
    if (beats.pages != NULL)
        munmap(beats.pages, BYTES);
    beats.pages = NULL;
}

/* As many as the kernel has to spare now, one by one. */
static void take_back(void)
{
    while (beats.lent > 0 &&
           madvise(beats.pages + (beats.lent - 1) * PAGE, PAGE, MADV_POPULATE_WRITE) == 0)
        beats.lent--;
}

static bool lend(void)
{
    if (beats.lent + PAGES_AT_ONCE > PAGES ||
        madvise(beats.pages + beats.lent * PAGE, PAGES_AT_ONCE * PAGE, MADV_DONTNEED_LOCKED) != 0)
        return false;
    beats.lent += PAGES_AT_ONCE;
    return true;
}

static time_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return time.tv_sec;
}

static bool say(uint64_t watchdog_us)
{
    char text[80];

    snprintf(text, sizeof text, "WATCHDOG_USEC=%llu\nWATCHDOG=1", (unsigned long long)watchdog_us);
    return notify_try(text);
}

/* Others take what is given back, too. */
static bool say_in_shortage(void)
{
    if (beats.waits_longer && now() - beats.told_at < LONGER_SECONDS / 4)
        return true;
    for (uint32_t i = 0; i < TRIES && lend(); i++) {
        if (!say(LONGER_SECONDS * 1000000ull))
            continue;
        beats.waits_longer = true;
        beats.told_at = now();
        take_back();
        return true;
    }
    return false;
}

bool beats_say(void)
{
    const bool is_said =
        beats.waits_longer ? say(notify_watchdog_ns() / 1000) : notify_try("WATCHDOG=1");

    if (!is_said)
        return (errno == ENOBUFS || errno == ENOMEM) && say_in_shortage();
    beats.waits_longer = false;
    take_back();
    return true;
}
