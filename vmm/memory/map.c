/* SPDX-License-Identifier: MIT
 * The map path: what stands behind the arena's pages changes here and nowhere else. System calls
 * on memory set aside; no allocation, no descriptor opened. */
#include "layout.h"
#include "vmm/log.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* An mmap that the host refuses is tried again: memory that the kernel has freed comes back only
 * after a grace period. */
#define MAP_TRIES  8
#define PAUSE_NS   200000L
#define PAUSE_MOST 100000000L

static struct log_limit refused_lines;

static void pause_for(long nanoseconds)
{
    struct timespec span = {.tv_nsec = nanoseconds};

    nanosleep(&span, NULL);
}

static bool guard_once(uint8_t *hva, size_t bytes)
{
    return mmap(hva, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

void memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages)
{
    uint8_t *hva = arena_hva(memory, arena_page);
    size_t bytes = pages * HF_PAGE_SIZE;
    long pause = PAUSE_NS;

    while (!guard_once(hva, bytes)) {
        int guard_errno = errno;
        /* A hole is as good as the guard: nothing else can come to lie in the arena. */
        if (munmap(hva, bytes) == 0)
            return;
        log_limited(&refused_lines,
                    "the host refuses to unmap %zu bytes of the arena: %s; trying "
                    "again",
                    bytes, strerrordesc_np(guard_errno));
        pause_for(pause);
        if (pause < PAUSE_MOST)
            pause *= 2;
    }
}

static bool map_run(const struct memory *memory, uint8_t *hva, const struct run *run, bool writable)
{
    const bool ram = run->slot == BACKING_RAM;
    const struct object *object = &memory->object[run->slot];
    int flags = MAP_SHARED | MAP_FIXED;

    /* Pages of RAM and memfds are at hand; those of a file may have to be read, which is the
     * affair of whoever touches them. */
    if (ram || object->kind == OBJECT_MEMFD)
        flags |= MAP_POPULATE;

    for (int attempt = 0; attempt < MAP_TRIES; attempt++) {
        if (mmap(hva, (size_t)run->pages * HF_PAGE_SIZE,
                 writable ? PROT_READ | PROT_WRITE : PROT_READ, flags,
                 ram ? memory->ram_fd : object->fd,
                 (off_t)(run->first * HF_PAGE_SIZE)) != MAP_FAILED)
            return true;
        if (errno != ENOMEM && errno != EAGAIN)
            break;
        pause_for(PAUSE_NS << attempt);
    }
    /* Not strerror(), which may allocate. */
    log_limited(&refused_lines, "the host refuses to map %u pages: %s", run->pages,
                strerrordesc_np(errno));
    return false;
}

int memory_map(struct memory *memory, uint64_t arena_page, const struct run *runs, uint32_t count,
               bool writable)
{
    uint64_t done = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!map_run(memory, arena_hva(memory, arena_page + done), &runs[i], writable)) {
            memory_guard(memory, arena_page, done + runs[i].pages);
            return -1;
        }
        done += runs[i].pages;
    }
    return 0;
}
