/* SPDX-License-Identifier: MIT */
#include "populate.h"

#include "holdfast/abi.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define THREADS_MOST 8u

struct part {
    pthread_t thread;
    uint8_t *memory;
    size_t bytes;
    bool has_thread;
    bool made;
};

static void *make_part(void *argument)
{
    struct part *part = argument;

    part->made = part->bytes == 0 || madvise(part->memory, part->bytes, MADV_POPULATE_WRITE) == 0;
    return NULL;
}

bool populate(void *memory, size_t bytes)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t threads = online < 1 ? 1 : online > THREADS_MOST ? THREADS_MOST : (size_t)online;
    const size_t share = (bytes / threads + HF_PAGE_SIZE - 1) & ~(size_t)(HF_PAGE_SIZE - 1);
    struct part parts[THREADS_MOST] = {0};
    bool made = true;

    for (size_t i = 0; i < threads; i++) {
        const size_t start = i * share < bytes ? i * share : bytes;
        struct part *part = &parts[i];
        part->memory = (uint8_t *)memory + start;
        part->bytes = i + 1 == threads || bytes - start < share ? bytes - start : share;
        /* The caller's own thread does the last one, and any that gets no thread. */
        part->has_thread =
            i + 1 < threads && pthread_create(&part->thread, NULL, make_part, part) == 0;
        if (!part->has_thread)
            make_part(part);
    }
    for (size_t i = 0; i < threads; i++) {
        if (parts[i].has_thread)
            pthread_join(parts[i].thread, NULL);
        made = made && parts[i].made;
    }
    return made;
}
