/* SPDX-License-Identifier: MIT
 * What lies in the arena of a process, by its /proc/PID/maps: the guard, or memfds of RAM and
 * objects; anything else is foreign. A gap is a hole. */
#ifndef HOLDFAST_TEST_ARENA_MAPS_H
#define HOLDFAST_TEST_ARENA_MAPS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* vmm/memory/place.c, or tests/tsan/host.c in its place: nothing but an arena with its margins lies
 * between. */
#ifdef __SANITIZE_THREAD__
#define ARENA_MAPS_FIRST (0x2000000000ull - (1ull << 30))
#define ARENA_MAPS_LAST  0x4000000000ull
#else
#define ARENA_MAPS_FIRST (0x200000000000ull - (1ull << 30))
#define ARENA_MAPS_LAST  0x400000000000ull
#endif

#define ARENA_MAPS_TEXT (16u << 20) /* vm.max_map_count lines of 128 bytes are less */

struct arena_maps {
    uint64_t first, end;    /* the arena with its margins; end 0: to be found by the first look */
    _Atomic uint64_t looks; /* others may wait for them */
    uint64_t holes, foreign;
};

struct arena_maps_line {
    uint64_t first, end;
    char rights[8];
    const char *name;
};

static char arena_maps_text[ARENA_MAPS_TEXT];

static inline bool arena_maps_read(int fd)
{
    size_t got = 0;
    ssize_t part;

    while ((part = pread(fd, arena_maps_text + got, ARENA_MAPS_TEXT - 1 - got, (off_t)got)) > 0)
        got += (size_t)part;
    arena_maps_text[got] = '\0';
    return got > 0;
}

/* Takes the line at *at apart and goes on to the next one. */
static inline bool arena_maps_next(char **at, struct arena_maps_line *line)
{
    char *end = strchr(*at, '\n');
    int name_at = 0;

    if (end == NULL)
        return false;
    *end = '\0';
    if (sscanf(*at, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s %n", &line->first, &line->end,
               line->rights, &name_at) != 3)
        return false;
    line->name = *at + name_at;
    *at = end + 1;
    return true;
}

static inline bool arena_maps_is_ours(const struct arena_maps_line *line)
{
    if (strcmp(line->rights, "---p") == 0)
        return line->name[0] == '\0';
    return line->rights[3] == 's' && strncmp(line->name, "/memfd:", strlen("/memfd:")) == 0;
}

/* One look from start to end. false if there is nothing to be read any more. */
static inline bool arena_maps_look(struct arena_maps *maps, int fd)
{
    const bool finds_range = maps->end == 0;
    uint64_t end = maps->first;
    struct arena_maps_line line;

    if (!arena_maps_read(fd))
        return false;
    for (char *at = arena_maps_text; arena_maps_next(&at, &line);) {
        if (line.end <= ARENA_MAPS_FIRST || line.first >= ARENA_MAPS_LAST)
            continue;
        if (maps->end == 0)
            maps->first = end = line.first;
        if (finds_range)
            maps->end = line.end;
        maps->holes += line.first > end;
        if (!arena_maps_is_ours(&line)) {
            maps->foreign++;
            printf("foreign at 0x%" PRIx64 ": %s %s\n", line.first, line.rights, line.name);
        }
        if (line.end > end)
            end = line.end;
    }
    maps->holes += end < maps->end;
    maps->looks++;
    return true;
}

#endif
