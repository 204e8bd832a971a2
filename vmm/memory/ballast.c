/* SPDX-License-Identifier: MIT */
#include "ballast.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory_left.h"

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

/* Never taken: asked for its last page, the kernel may wake the OOM killer instead of refusing. */
#define LEFT_ALONE STEP

static size_t whole_steps(size_t bytes)
{
    return (bytes + STEP - 1) & ~(STEP - 1);
}

int ballast_init(struct ballast *ballast, size_t room, bool lock, struct injection *injection)
{
    *ballast = (struct ballast){.room = whole_steps(room), .injection = injection};
    pthread_mutex_init(&ballast->resizing, NULL);
    sem_init(&ballast->work, 0, 0);
    void *memory = mmap(NULL, ballast->room, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return -1;
    ballast->memory = memory;
    /* Locked memory that cannot be given back in one call would be of no use. */
    ballast->lock = lock && madvise(memory, HF_PAGE_SIZE, MADV_DONTNEED_LOCKED) == 0;
    /* A huge page would be charged whole and is not to be had when it matters. */
    madvise(memory, ballast->room, MADV_NOHUGEPAGE);
    return 0;
}

void ballast_free(struct ballast *ballast)
{
    if (ballast->memory != NULL)
        munmap(ballast->memory, ballast->room);
    ballast->memory = NULL;
    sem_destroy(&ballast->work);
    pthread_mutex_destroy(&ballast->resizing);
}

void ballast_want(struct ballast *ballast, int64_t bytes)
{
    atomic_fetch_add(&ballast->wanted, (size_t)bytes);
    if (bytes < 0 && ballast_is_too_much(ballast))
        sem_post(&ballast->work);
}

/* The range stays marked as locked: to change that, the kernel would need memory. */
static bool give_back(const struct ballast *ballast, uint8_t *memory, size_t bytes)
{
    return bytes == 0 ||
           madvise(memory, bytes, ballast->lock ? MADV_DONTNEED_LOCKED : MADV_DONTNEED) == 0;
}

static int take(const struct ballast *ballast, uint8_t *memory, size_t bytes)
{
    if (injection_should_fail(ballast->injection, PRIMITIVE_BALLAST))
        return -1;
    /* Only a limit (RLIMIT_MEMLOCK) stands against that, for no page is made yet. */
    if (ballast->lock && mlock2(memory, bytes, MLOCK_ONFAULT) < 0 && ballast->must_lock)
        return -1;
    const int result = madvise(memory, bytes, MADV_POPULATE_WRITE);
    if (result < 0) {
        const int cause = errno;
        give_back(ballast, memory, bytes); /* a part may have been had */
        errno = cause;
    }
    return result;
}

/* Takes so much more, or as much of it as the host has to spare. */
static size_t grow(const struct ballast *ballast, uint8_t *memory, size_t bytes)
{
    const uint64_t left = memory_left();
    const uint64_t spare = left > LEFT_ALONE ? (left - LEFT_ALONE) / STEP * STEP : 0;
    const size_t part = spare < bytes ? (size_t)spare : bytes;

    return part > 0 && take(ballast, memory, part) == 0 ? part : 0;
}

/* Brings what is held to what is wanted, or as near as the host allows. The lock is held. */
static void resize_locked(struct ballast *ballast, size_t wanted)
{
    size_t held = atomic_load(&ballast->held);
    uint8_t lent = BALLAST_LENT;

    if (atomic_compare_exchange_strong(&ballast->lent, &lent, BALLAST_KEPT)) {
        /* From the beginning, as if nothing had been held. */
        give_back(ballast, ballast->memory, held);
        held = 0;
    }
    if (held > wanted + SLACK) {
        give_back(ballast, ballast->memory + wanted, held - wanted);
        held = wanted;
    } else if (wanted > held && wanted <= ballast->room) {
        held += grow(ballast, ballast->memory + held, wanted - held);
    }
    atomic_store(&ballast->held, held);
}

int ballast_resize(struct ballast *ballast)
{
    pthread_mutex_lock(&ballast->resizing);
    const size_t wanted = whole_steps(atomic_load(&ballast->wanted));
    resize_locked(ballast, wanted);
    const size_t held = atomic_load(&ballast->held);
    const bool lent = atomic_load(&ballast->lent) != BALLAST_KEPT;
    if (lent) /* in the meantime: what was taken after that is needed more by the map path */
        give_back(ballast, ballast->memory, held);
    pthread_mutex_unlock(&ballast->resizing);
    /* Its thread may have looked while the mark was gone and the old amount still stood there. */
    if (ballast_is_short(ballast))
        sem_post(&ballast->work);
    errno = ENOMEM;
    return lent || held < wanted ? -1 : 0;
}

bool ballast_is_short(const struct ballast *ballast)
{
    return atomic_load(&ballast->lent) != BALLAST_KEPT ||
           atomic_load(&ballast->held) < whole_steps(atomic_load(&ballast->wanted));
}

bool ballast_is_too_much(const struct ballast *ballast)
{
    return atomic_load(&ballast->lent) == BALLAST_KEPT &&
           atomic_load(&ballast->held) > whole_steps(atomic_load(&ballast->wanted)) + SLACK;
}

bool ballast_lend(struct ballast *ballast)
{
    uint8_t kept = BALLAST_KEPT;

    /* Marked first: whoever is taking more sees the mark afterwards. */
    if (atomic_load(&ballast->held) == 0 ||
        !atomic_compare_exchange_strong(&ballast->lent, &kept, BALLAST_BEING_LENT))
        return false;
    const bool given = give_back(ballast, ballast->memory, atomic_load(&ballast->held));
    atomic_store(&ballast->lent, BALLAST_LENT);
    atomic_fetch_add(&ballast->times_lent, 1);
    sem_post(&ballast->work);
    return given;
}
