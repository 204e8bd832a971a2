/* SPDX-License-Identifier: MIT */
#include "populate.h"

#include "holdfast/abi.h"
#include "vmm/process/signals.h"
#include "vmm/process/thread.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

#define THREADS_MOST 8u

/* Beyond memory.high, the kernel has a process wait for up to two seconds for each 64 pages. */
#define BATCH ((size_t)64 * HF_PAGE_SIZE)

struct part {
    pthread_t thread;
    uint8_t *memory;
    size_t bytes;
    bool has_thread;
    bool populated;
};

static size_t batch_of(size_t left)
{
    return left < BATCH ? left : BATCH;
}

static void *make_part(void *argument)
{
    struct part *part = argument;
    bool populated = true;

    for (size_t done = 0; done < part->bytes && populated; done += BATCH)
        populated = !signals_came() && madvise(part->memory + done, batch_of(part->bytes - done),
                                               MADV_POPULATE_WRITE) == 0;
    part->populated = populated;
    return NULL;
}

bool populate_object(int fd, size_t bytes)
{
    bool populated = true;

    for (size_t done = 0; done < bytes && populated; done += BATCH)
        populated =
            !signals_came() && fallocate(fd, 0, (off_t)done, (off_t)batch_of(bytes - done)) == 0;
    return populated;
}

bool populate_write(void *memory, size_t bytes)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t threads = online < 1 ? 1 : online > THREADS_MOST ? THREADS_MOST : (size_t)online;
    const size_t share = (bytes / threads + HF_PAGE_SIZE - 1) & ~(size_t)(HF_PAGE_SIZE - 1);
    struct part parts[THREADS_MOST] = {0};
    bool populated = true;

    for (size_t i = 0; i < threads; i++) {
        const size_t start = i * share < bytes ? i * share : bytes;
        struct part *part = &parts[i];
        part->memory = (uint8_t *)memory + start;
        part->bytes = i + 1 == threads || bytes - start < share ? bytes - start : share;
        /* The caller's own thread does the last one, and any that gets no thread. */
        part->has_thread = i + 1 < threads && thread_start(&part->thread, make_part, part) == 0;
        if (!part->has_thread)
            make_part(part);
    }
    for (size_t i = 0; i < threads; i++) {
        if (parts[i].has_thread)
            pthread_join(parts[i].thread, NULL);
        populated = populated && parts[i].populated;
    }
    return populated;
}
