/* SPDX-License-Identifier: MIT */
#include "guarantee.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const names[] = {"off", "best-effort", "strict"};

const char *guarantee_name(enum guarantee guarantee)
{
    return names[guarantee];
}

int guarantee_parse(const char *text, enum guarantee *guarantee, struct error *error)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *guarantee = (enum guarantee)i;
            return 0;
        }
    }
    return error_set(error, "--guarantee %.64s: must be off, best-effort or strict", text);
}

static bool leave_oom_killer(void)
{
    const int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    char value[16] = "";

    if (fd < 0)
        return false;
    ssize_t written = write(fd, "-1000", 5);
    (void)written; /* what counts is what is there now */
    const ssize_t got = pread(fd, value, sizeof value - 1, 0);
    close(fd);
    return got > 0 && strncmp(value, "-1000", 5) == 0;
}

int guarantee_protect_process(enum guarantee guarantee, struct guarantee_of_process *result,
                              struct error *error)
{
    *result = (struct guarantee_of_process){0};
    if (guarantee == GUARANTEE_OFF)
        return 0;
    result->program_locked = mlockall(MCL_CURRENT) == 0;
    if (guarantee == GUARANTEE_STRICT && !result->program_locked)
        return error_set(error,
                         "--guarantee strict: cannot lock the VMM in memory: %s; give it "
                         "CAP_IPC_LOCK or raise the limit (ulimit -l)",
                         strerror(errno));
    result->oom_protected = leave_oom_killer();
    if (guarantee == GUARANTEE_STRICT && !result->oom_protected)
        return error_set(error, "--guarantee strict: cannot set oom_score_adj to -1000, so that "
                                "the OOM killer might end the VM; run as root or start it with "
                                "that value");
    return 0;
}

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

/* What one cgroup has left. Page cache in it can be had too, half of it at least. */
static uint64_t left_here(const struct cgroup_files *files, const char *directory)
{
    const uint64_t limit = number_of_cgroup(files, directory, files->limit, "");
    const uint64_t usage = number_of_cgroup(files, directory, files->usage, "");

    if (limit == UINT64_MAX || usage == UINT64_MAX)
        return UINT64_MAX;
    const uint64_t cache = number_of_cgroup(files, directory, "memory.stat", files->inactive) / 2 +
                           number_of_cgroup(files, directory, "memory.stat", files->active) / 2;
    const uint64_t needed = usage > cache ? usage - cache : 0;
    return limit > needed ? limit - needed : 0;
}

/* What the cgroup in this directory and those above it have left. */
static uint64_t left_in_cgroups(const struct cgroup_files *files, char *directory)
{
    uint64_t left = UINT64_MAX;

    for (;;) {
        const uint64_t here = left_here(files, directory);
        left = here < left ? here : left;
        char *slash = strrchr(directory, '/');
        if (slash == NULL)
            return left;
        *slash = '\0';
    }
}

static uint64_t left_in_own_cgroup(void)
{
    char text[TEXT_MOST];
    char *rest = NULL;
    uint64_t left = UINT64_MAX;

    read_text("/proc/self/cgroup", text, sizeof text);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *directory = strrchr(line, ':');
        uint64_t here = UINT64_MAX;
        if (directory == NULL)
            continue;
        if (strstr(line, ":memory:") != NULL)
            here = left_in_cgroups(&version_1, directory + 1);
        else if (strncmp(line, "0::", 3) == 0)
            here = left_in_cgroups(&version_2, directory + 1);
        left = here < left ? here : left;
    }
    return left;
}

uint64_t guarantee_memory_left(void)
{
    const uint64_t available = number_in("/proc/meminfo", "MemAvailable:");
    const uint64_t host = available > UINT64_MAX / 1024 ? UINT64_MAX : available * 1024;
    const uint64_t cgroup = left_in_own_cgroup();

    return host < cgroup ? host : cgroup;
}
