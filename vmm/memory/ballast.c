/* SPDX-License-Identifier: MIT */
#include "ballast.h"

#include "holdfast/abi.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED /* Linux 5.18 */
#define MADV_DONTNEED_LOCKED 24
#endif

/* Taken and given back in steps, so that most RESERVEs find enough already held. */
#define STEP  ((size_t)256 << 10)
#define SLACK ((size_t)1 << 20)

static size_t whole_steps(size_t bytes)
{
    return (bytes + STEP - 1) & ~(STEP - 1);
}

int ballast_init(struct ballast *ballast, size_t room, bool lock)
{
    *ballast = (struct ballast){.room = whole_steps(room), .lock = lock};
    pthread_mutex_init(&ballast->resizing, NULL);
    void *memory = mmap(NULL, ballast->room, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return -1;
    ballast->memory = memory;
    /* A huge page would be charged whole and is not to be had when it matters. */
    madvise(memory, ballast->room, MADV_NOHUGEPAGE);
    return 0;
}

void ballast_free(struct ballast *ballast)
{
    if (ballast->memory != NULL)
        munmap(ballast->memory, ballast->room);
    ballast->memory = NULL;
    pthread_mutex_destroy(&ballast->resizing);
}

void ballast_want(struct ballast *ballast, int64_t bytes)
{
    atomic_fetch_add(&ballast->wanted, (size_t)bytes);
}

static void give_back(uint8_t *memory, size_t bytes)
{
    if (bytes == 0)
        return;
    munlock(memory, bytes);
    madvise(memory, bytes, MADV_DONTNEED);
}

static int take(struct ballast *ballast, uint8_t *memory, size_t bytes)
{
    if (bytes == 0)
        return 0;
    const int result =
        ballast->lock ? mlock(memory, bytes) : madvise(memory, bytes, MADV_POPULATE_WRITE);
    if (result < 0) {
        const int cause = errno;
        give_back(memory, bytes);
        errno = cause;
    }
    return result;
}

int ballast_settle(struct ballast *ballast)
{
    int result = 0;

    pthread_mutex_lock(&ballast->resizing);
    const size_t wanted = whole_steps(atomic_load(&ballast->wanted));
    size_t held = atomic_load(&ballast->held);
    if (atomic_exchange(&ballast->lent, false)) {
        /* From the beginning, as if nothing had been held. */
        give_back(ballast->memory, held);
        held = 0;
    }
    if (held > wanted + SLACK) {
        give_back(ballast->memory + wanted, held - wanted);
        held = wanted;
    } else if (wanted > ballast->room) {
        errno = ENOMEM;
        result = -1;
    } else if (wanted > held) {
        result = take(ballast, ballast->memory + held, wanted - held);
        if (result == 0)
            held = wanted;
    }
    atomic_store(&ballast->held, held);
    pthread_mutex_unlock(&ballast->resizing);
    return result;
}

bool ballast_lend(struct ballast *ballast)
{
    const size_t held = atomic_load(&ballast->held);

    if (held == 0 || atomic_exchange(&ballast->lent, true))
        return false;
    if (madvise(ballast->memory, held, MADV_DONTNEED_LOCKED) < 0 &&
        madvise(ballast->memory, held, MADV_DONTNEED) < 0)
        return false;
    atomic_fetch_add(&ballast->times_lent, 1);
    return true;
}
