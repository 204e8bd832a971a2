/* SPDX-License-Identifier: MIT */
#include "cgroup.h"

#include "cgroup_visit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cgroup_read_open(int fd, char *text, size_t room)
{
    const ssize_t got = pread(fd, text, room - 1, 0);

    text[got > 0 ? got : 0] = '\0';
}

bool cgroup_read_text(const char *path, char *text, size_t room)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    text[0] = '\0';
    if (fd < 0)
        return errno != ENOENT;
    cgroup_read_open(fd, text, room);
    close(fd);
    return true;
}

uint64_t cgroup_number(const char *text, const char *label)
{
    const size_t length = strlen(label);

    for (const char *line = text; *line != '\0'; line++) {
        if (strncmp(line, label, length) == 0) {
            char *end;
            const uint64_t value = strtoull(line + length, &end, 10);
            return end != line + length ? value : UINT64_MAX;
        }
        line = strchr(line, '\n');
        if (line == NULL)
            break;
    }
    return 0;
}

static const struct cgroup_version version_1 = {
    .file = {[CGROUP_LIMIT] = "memory.limit_in_bytes",
             [CGROUP_USAGE] = "memory.usage_in_bytes",
             [CGROUP_STAT] = "memory.stat",
             [CGROUP_PROCESSES] = "cgroup.procs"},
    .inactive = "total_inactive_file ",
    .active = "total_active_file ",
    .above = "hierarchical_memory_limit ",
    .at_top = "release_agent",
};
static const struct cgroup_version version_2 = {
    .file = {[CGROUP_LIMIT] = "memory.max",
             [CGROUP_HIGH] = "memory.high",
             [CGROUP_USAGE] = "memory.current",
             [CGROUP_STAT] = "memory.stat",
             [CGROUP_PROCESSES] = "cgroup.procs"},
    .inactive = "inactive_file ",
    .active = "active_file ",
    .not_top = "cgroup.events",
};

static void path_in(const struct cgroup *cgroup, const char *file, char path[PATH_MOST])
{
    snprintf(path, PATH_MOST, "%s%s/%s", cgroup->root, cgroup->directory, file);
}

static bool has_file(const struct cgroup *cgroup, const char *file)
{
    char path[PATH_MOST];

    path_in(cgroup, file, path);
    return access(path, F_OK) == 0;
}

int cgroup_open_file(const struct cgroup *cgroup, enum cgroup_file file)
{
    char path[PATH_MOST];

    if (cgroup->version->file[file] == NULL) {
        errno = ENOENT;
        return -1;
    }
    path_in(cgroup, cgroup->version->file[file], path);
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool cgroup_read_file(const struct cgroup *cgroup, enum cgroup_file file, char *text, size_t room)
{
    const int fd = cgroup->open != NULL ? cgroup->open[file] : cgroup_open_file(cgroup, file);

    text[0] = '\0';
    if (fd < 0)
        return cgroup->open == NULL && errno != ENOENT;
    cgroup_read_open(fd, text, room);
    if (cgroup->open == NULL)
        close(fd);
    return true;
}

/* No file, or "max": UINT64_MAX. A file that cannot be read: 0, for then memory is short. */
static uint64_t number_of_cgroup(const struct cgroup *cgroup, enum cgroup_file file,
                                 const char *label)
{
    char text[TEXT_MOST];

    return cgroup_read_file(cgroup, file, text, sizeof text) ? cgroup_number(text, label)
                                                             : UINT64_MAX;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t cgroup_limit(const struct cgroup *cgroup)
{
    const uint64_t limit = least(number_of_cgroup(cgroup, CGROUP_LIMIT, ""),
                                 number_of_cgroup(cgroup, CGROUP_HIGH, ""));

    /* Version 1 writes no limit as a number near the end of its own range. */
    return limit < UINT64_MAX / 4 ? limit : UINT64_MAX;
}

uint64_t cgroup_used(const struct cgroup *cgroup)
{
    return number_of_cgroup(cgroup, CGROUP_USAGE, "");
}

/* What one cgroup has left. Page cache in it can be had too, half of it at least. A limit of a
 * cgroup above it, which may be one that cannot be seen, counts as its own. */
uint64_t cgroup_left(const struct cgroup *cgroup)
{
    const struct cgroup_version *version = cgroup->version;
    uint64_t limit = cgroup_limit(cgroup);
    const uint64_t usage = cgroup_used(cgroup);

    if (version->above != NULL)
        limit = least(limit, number_of_cgroup(cgroup, CGROUP_STAT, version->above));
    if (limit >= UINT64_MAX / 4 || usage == UINT64_MAX)
        return UINT64_MAX;
    const uint64_t cache = number_of_cgroup(cgroup, CGROUP_STAT, version->inactive) / 2 +
                           number_of_cgroup(cgroup, CGROUP_STAT, version->active) / 2;
    const uint64_t needed = usage > cache ? usage - cache : 0;
    return limit > needed ? limit - needed : 0;
}

static void least_left(const struct cgroup *cgroup, void *argument)
{
    uint64_t *left = argument;

    *left = least(cgroup_left(cgroup), *left);
}

/* Whether nothing above a cgroup can have a limit. */
static bool ends_there(const struct cgroup *cgroup)
{
    const struct cgroup_version *version = cgroup->version;

    /* Version 1 tells of what is above, and may say that no limit is there. */
    if (version->above != NULL &&
        number_of_cgroup(cgroup, CGROUP_STAT, version->above) >= UINT64_MAX / 4)
        return true;
    return (version->at_top == NULL || has_file(cgroup, version->at_top)) &&
           (version->not_top == NULL || !has_file(cgroup, version->not_top));
}

/* The cgroup in this directory, as /proc has it, and those above it. false: some cannot be seen. */
static bool visit_upwards(const struct cgroup_version *version, int number, char *directory,
                          cgroup_visitor *visit, void *argument)
{
    const struct cgroup_mount *mount = cgroup_mount_of(number);
    const size_t above = strlen(mount->top);

    if (!mount->found || strncmp(directory, mount->top, above) != 0 ||
        (directory[above] != '\0' && directory[above] != '/'))
        return false;
    directory += above;
    if (strcmp(directory, "/") == 0)
        directory[0] = '\0';
    const struct cgroup cgroup = {version, mount->point, directory, NULL};
    if (!has_file(&cgroup, "cgroup.procs"))
        return false;
    for (;;) {
        visit(&cgroup, argument);
        char *slash = strrchr(directory, '/');
        if (slash == NULL)
            return ends_there(&cgroup);
        *slash = '\0';
    }
}

bool cgroup_visit_own(cgroup_visitor *visit, void *argument)
{
    char text[TEXT_MOST];
    char *rest = NULL;
    bool seen = true;

    /* Without the file but with /proc, the kernel has no cgroups. */
    if (!cgroup_read_text("/proc/self/cgroup", text, sizeof text))
        return access("/proc/self", F_OK) == 0;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        /* Number, controllers, directory; a name of systemd's may hold further colons. */
        char *controllers = strchr(line, ':');
        char *directory = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (directory == NULL)
            continue;
        *directory++ = '\0';
        if (strcmp(controllers, ":memory") == 0)
            return visit_upwards(&version_1, 1, directory, visit, argument);
        if (strcmp(line, "0:") == 0)
            seen = visit_upwards(&version_2, 2, directory, visit, argument);
    }
    return seen;
}

uint64_t cgroup_host_left(const char *meminfo)
{
    const uint64_t available = cgroup_number(meminfo, "MemAvailable:");

    return available > UINT64_MAX / 1024 ? UINT64_MAX : available * 1024;
}

uint64_t cgroup_memory_left(void)
{
    char text[TEXT_MOST];
    uint64_t cgroup = UINT64_MAX;

    const bool is_there = cgroup_read_text("/proc/meminfo", text, sizeof text);
    const uint64_t host = is_there ? cgroup_host_left(text) : UINT64_MAX;

    cgroup_visit_own(least_left, &cgroup);
    return least(host, cgroup);
}

static void note_limit(const struct cgroup *cgroup, void *argument)
{
    bool *has_limit = argument;

    *has_limit = *has_limit || cgroup_left(cgroup) != UINT64_MAX;
}

enum cgroup_view cgroup_look(void)
{
    bool has_limit = false;

    if (cgroup_visit_own(note_limit, &has_limit))
        return CGROUP_ALL_SEEN;
    return has_limit ? CGROUP_LIMIT_SEEN : CGROUP_NOTHING_SEEN;
}

/* Of the innermost one, which is visited first. */
static void use_here(const struct cgroup *cgroup, void *argument)
{
    uint64_t *used = argument;

    if (*used == UINT64_MAX)
        *used = cgroup_used(cgroup);
}

bool cgroup_memory_used(uint64_t *bytes)
{
    *bytes = UINT64_MAX;
    cgroup_visit_own(use_here, bytes);
    return *bytes != UINT64_MAX;
}
