/* SPDX-License-Identifier: MIT */
#include "map_count.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_BYTES 4096u

void map_count_open(struct map_count_files *files)
{
    uint64_t count;

    files->allowed = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
    files->used = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    /* The kernel takes their buffers at the first read. */
    map_count_allowed(files, &count);
    map_count_used(files, &count);
}

void map_count_close(struct map_count_files *files)
{
    if (files->allowed >= 0)
        close(files->allowed);
    if (files->used >= 0)
        close(files->used);
    *files = (struct map_count_files){-1, -1};
}

bool map_count_allowed(const struct map_count_files *files, uint64_t *count)
{
    char text[32];
    const ssize_t got = pread(files->allowed, text, sizeof text - 1, 0);

    if (got <= 0)
        return false;
    text[got] = '\0';
    *count = strtoull(text, NULL, 10);
    return *count > 0;
}

bool map_count_used(const struct map_count_files *files, uint64_t *count)
{
    char text[STEP_BYTES];
    off_t at = 0;
    ssize_t got;

    *count = 0;
    while ((got = pread(files->used, text, sizeof text, at)) > 0) {
        at += got;
        for (ssize_t i = 0; i < got; i++)
            *count += text[i] == '\n';
    }
    return got == 0;
}
