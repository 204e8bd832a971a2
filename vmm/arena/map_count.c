/* SPDX-License-Identifier: MIT */
#include "map_count.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_BYTES 4096u

bool map_count_allowed(uint64_t *count)
{
    char text[32];
    const int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    const ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    *count = strtoull(text, NULL, 10);
    return *count > 0;
}

bool map_count_used(uint64_t *count)
{
    char text[STEP_BYTES];
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t got;

    *count = 0;
    if (fd < 0)
        return false;
    while ((got = read(fd, text, sizeof text)) > 0)
        for (ssize_t i = 0; i < got; i++)
            *count += text[i] == '\n';
    close(fd);
    return got == 0;
}
