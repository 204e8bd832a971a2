/* SPDX-License-Identifier: MIT */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A whole small file as text, without an allocation: it is asked for when memory is short. false
 * if it is not there; one that cannot be read for another reason is empty. */
static bool read_text(const char *path, char *text, size_t room)
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

#define TEXT_MOST 8192u

/* The number behind a label at the beginning of a line of a file. No file, or "max": UINT64_MAX. A
 * file that cannot be read: 0, for then memory is short. */
static uint64_t number_in(const char *path, const char *label)
{
    char text[TEXT_MOST];
    const size_t length = strlen(label);

    if (!read_text(path, text, sizeof text))
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

struct cgroup_files {
    const char *root, *limit, *usage, *inactive, *active;
};

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
    char path[1024];

    snprintf(path, sizeof path, "%s%s/%s", files->root, directory, file);
    return number_in(path, label);
}

/* UINT64_MAX: none. Version 1 writes that as a number near the end of its own range. */
static uint64_t limit_of(const struct cgroup_files *files, const char *directory)
{
    const uint64_t limit = number_of_cgroup(files, directory, files->limit, "");

    return limit < UINT64_MAX / 4 ? limit : UINT64_MAX;
}

/* What one cgroup has left. Page cache in it can be had too, half of it at least. */
static uint64_t left_here(const struct cgroup_files *files, const char *directory)
{
    const uint64_t limit = limit_of(files, directory);
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

typedef void visitor(const struct cgroup_files *files, const char *directory, void *argument);

/* The cgroup in this directory and those above it. */
static void visit_upwards(const struct cgroup_files *files, char *directory, visitor *visit,
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

/* All memory cgroups that this process is charged to, from the innermost up. */
static void visit_own(visitor *visit, void *argument)
{
    char text[TEXT_MOST];
    char *rest = NULL;

    read_text("/proc/self/cgroup", text, sizeof text);
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

    visit_own(least_left, &cgroup);
    return host < cgroup ? host : cgroup;
}

/* Where a cgroup with a limit was found that is not ours alone. */
struct sharing {
    struct error *error;
    char below[256]; /* the directory under it on the way to our own cgroup; "" at our own */
    int result;
};

/* The first process in cgroup.procs other than this one; 0: none. */
static unsigned long other_process(const struct cgroup_files *files, const char *directory)
{
    char text[TEXT_MOST];
    char path[1024];
    char *rest = NULL;

    snprintf(path, sizeof path, "%s%s/cgroup.procs", files->root, directory);
    read_text(path, text, sizeof text);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        const unsigned long pid = strtoul(line, NULL, 10);
        if (pid != (unsigned long)getpid())
            return pid;
    }
    return 0;
}

/* The first cgroup in a directory other than the one that leads to ours; false: none. */
static bool other_child(const struct cgroup_files *files, const char *directory, const char *ours,
                        char *name, size_t room)
{
    char path[1024];
    bool found = false;

    snprintf(path, sizeof path, "%s%s", files->root, directory);
    DIR *children = opendir(path);
    if (children == NULL)
        return false;
    for (struct dirent *child = readdir(children); child != NULL && !found;
         child = readdir(children)) {
        found =
            child->d_type == DT_DIR && child->d_name[0] != '.' && strcmp(child->d_name, ours) != 0;
        if (found)
            snprintf(name, room, "%s", child->d_name);
    }
    closedir(children);
    return found;
}

static void check_sharing(const struct cgroup_files *files, const char *directory, void *argument)
{
    struct sharing *sharing = argument;
    char child[256];

    if (sharing->result == 0 && limit_of(files, directory) != UINT64_MAX) {
        const unsigned long pid = other_process(files, directory);
        if (pid != 0)
            sharing->result =
                error_set(sharing->error,
                          "--guarantee strict: process %lu shares the limit of the memory cgroup "
                          "%s%s; start the VMM in a cgroup of its own",
                          pid, files->root, directory);
        else if (other_child(files, directory, sharing->below, child, sizeof child))
            sharing->result =
                error_set(sharing->error,
                          "--guarantee strict: cgroup %s shares the limit of the memory cgroup "
                          "%s%s; set the limit on a cgroup of the VMM's own",
                          child, files->root, directory);
    }
    const char *name = strrchr(directory, '/');
    snprintf(sharing->below, sizeof sharing->below, "%s", name != NULL ? name + 1 : "");
}

int cgroup_check_own(struct error *error)
{
    struct sharing sharing = {.error = error};

    visit_own(check_sharing, &sharing);
    return sharing.result;
}
