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

/* The number in a file, times unit; none: UINT64_MAX. Skips to it over a label, if there is one. */
static uint64_t number_in(const char *path, const char *label, uint64_t unit)
{
    FILE *file = fopen(path, "re");
    char line[256];
    uint64_t found = UINT64_MAX;
    const size_t length = strlen(label);

    if (file == NULL)
        return UINT64_MAX;
    while (found == UINT64_MAX && fgets(line, sizeof line, file) != NULL) {
        unsigned long long value;
        if (strncmp(line, label, length) == 0 && sscanf(line + length, "%llu", &value) == 1)
            found = value > UINT64_MAX / unit ? UINT64_MAX : value * unit;
    }
    fclose(file);
    return found;
}

/* What the cgroup in this directory and those above it have left. */
static uint64_t left_in_cgroups(const char *root, char *directory, const char *limit_file,
                                const char *usage_file)
{
    uint64_t left = UINT64_MAX;
    char path[1024];

    for (;;) {
        snprintf(path, sizeof path, "%s%s/%s", root, directory, limit_file);
        const uint64_t limit = number_in(path, "", 1);
        snprintf(path, sizeof path, "%s%s/%s", root, directory, usage_file);
        const uint64_t usage = number_in(path, "", 1);
        if (limit != UINT64_MAX && usage != UINT64_MAX) {
            const uint64_t here = limit > usage ? limit - usage : 0;
            left = here < left ? here : left;
        }
        char *slash = strrchr(directory, '/');
        if (slash == NULL || directory[0] == '\0')
            return left;
        *slash = '\0';
    }
}

static uint64_t left_in_own_cgroup(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[512];
    uint64_t left = UINT64_MAX;

    if (file == NULL)
        return left;
    while (fgets(line, sizeof line, file) != NULL) {
        char *directory = strrchr(line, ':');
        if (directory == NULL)
            continue;
        directory++;
        directory[strcspn(directory, "\n")] = '\0';
        uint64_t here = UINT64_MAX;
        if (strstr(line, ":memory:") != NULL)
            here = left_in_cgroups("/sys/fs/cgroup/memory", directory, "memory.limit_in_bytes",
                                   "memory.usage_in_bytes");
        else if (strncmp(line, "0::", 3) == 0)
            here = left_in_cgroups("/sys/fs/cgroup", directory, "memory.max", "memory.current");
        left = here < left ? here : left;
    }
    fclose(file);
    return left;
}

uint64_t guarantee_memory_left(void)
{
    const uint64_t host = number_in("/proc/meminfo", "MemAvailable:", 1024);
    const uint64_t cgroup = left_in_own_cgroup();

    return host < cgroup ? host : cgroup;
}
