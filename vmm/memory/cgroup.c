/* SPDX-License-Identifier: MIT */
#include "cgroup.h"

#include "cgroup_visit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cgroup_read_text(const char *path, char *text, size_t room)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    text[0] = '\0';
    if (fd < 0)
        return errno != ENOENT;
    const ssize_t got = read(fd, text, room - 1);
    text[got > 0 ? got : 0] = '\0';
    close(fd);
    return true;
}

/* The number behind a label at the beginning of a line of a file. No file, or "max": UINT64_MAX. A
 * file that cannot be read: 0, for then memory is short. */
static uint64_t number_in(const char *path, const char *label)
{
    char text[TEXT_MOST];
    const size_t length = strlen(label);

    if (!cgroup_read_text(path, text, sizeof text))
        return UINT64_MAX;
    for (const char *line = text; *line != '\0'; line++) {
        unsigned long long value;
        if (strncmp(line, label, length) == 0)
            return sscanf(line + length, "%llu", &value) == 1 ? value : UINT64_MAX;
        line = strchr(line, '\n');
        if (line == NULL)
            break;
    }
    return 0;
}

static const struct cgroup_files version_1 = {
    .root = "/sys/fs/cgroup/memory",
    .limit = "memory.limit_in_bytes",
    .usage = "memory.usage_in_bytes",
    .inactive = "total_inactive_file ",
    .active = "total_active_file ",
};
static const struct cgroup_files version_2 = {
    .root = "/sys/fs/cgroup",
    .limit = "memory.max",
    .usage = "memory.current",
    .inactive = "inactive_file ",
    .active = "active_file ",
};

static uint64_t number_of_cgroup(const struct cgroup_files *files, const char *directory,
                                 const char *file, const char *label)
{
    char path[PATH_MOST];

    snprintf(path, sizeof path, "%s%s/%s", files->root, directory, file);
    return number_in(path, label);
}

/* Version 1 writes no limit as a number near the end of its own range. */
uint64_t cgroup_limit(const struct cgroup_files *files, const char *directory)
{
    const uint64_t limit = number_of_cgroup(files, directory, files->limit, "");

    return limit < UINT64_MAX / 4 ? limit : UINT64_MAX;
}

/* What one cgroup has left. Page cache in it can be had too, half of it at least. */
static uint64_t left_here(const struct cgroup_files *files, const char *directory)
{
    const uint64_t limit = cgroup_limit(files, directory);
    const uint64_t usage = number_of_cgroup(files, directory, files->usage, "");

    if (limit == UINT64_MAX || usage == UINT64_MAX)
        return UINT64_MAX;
    const uint64_t cache = number_of_cgroup(files, directory, "memory.stat", files->inactive) / 2 +
                           number_of_cgroup(files, directory, "memory.stat", files->active) / 2;
    const uint64_t needed = usage > cache ? usage - cache : 0;
    return limit > needed ? limit - needed : 0;
}

static void least_left(const struct cgroup_files *files, const char *directory, void *least)
{
    const uint64_t here = left_here(files, directory);
    uint64_t *left = least;

    *left = here < *left ? here : *left;
}

/* The cgroup in this directory and those above it. */
static void visit_upwards(const struct cgroup_files *files, char *directory, cgroup_visitor *visit,
                          void *argument)
{
    for (;;) {
        visit(files, directory, argument);
        char *slash = strrchr(directory, '/');
        if (slash == NULL)
            return;
        *slash = '\0';
    }
}

void cgroup_visit_own(cgroup_visitor *visit, void *argument)
{
    char text[TEXT_MOST];
    char *rest = NULL;

    cgroup_read_text("/proc/self/cgroup", text, sizeof text);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        /* Number, controllers, directory; a name of systemd's may hold further colons. */
        char *controllers = strchr(line, ':');
        char *directory = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (directory == NULL)
            continue;
        *directory++ = '\0';
        if (strcmp(controllers, ":memory") == 0)
            visit_upwards(&version_1, directory, visit, argument);
        else if (strcmp(line, "0:") == 0)
            visit_upwards(&version_2, directory, visit, argument);
    }
}

uint64_t cgroup_memory_left(void)
{
    const uint64_t available = number_in("/proc/meminfo", "MemAvailable:");
    const uint64_t host = available > UINT64_MAX / 1024 ? UINT64_MAX : available * 1024;
    uint64_t cgroup = UINT64_MAX;

    cgroup_visit_own(least_left, &cgroup);
    return host < cgroup ? host : cgroup;
}

/* Of the innermost one, which is visited first. */
static void use_here(const struct cgroup_files *files, const char *directory, void *argument)
{
    uint64_t *used = argument;

    if (*used == UINT64_MAX)
        *used = number_of_cgroup(files, directory, files->usage, "");
}

bool cgroup_memory_used(uint64_t *bytes)
{
    *bytes = UINT64_MAX;
    cgroup_visit_own(use_here, bytes);
    return *bytes != UINT64_MAX;
}
