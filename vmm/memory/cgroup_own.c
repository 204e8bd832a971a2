/* SPDX-License-Identifier: MIT
 * Whether a memory limit is this process's alone. */
#include "cgroup.h"
#include "cgroup_visit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_THREAD 0x00200000ul /* PF_KTHREAD */

/* Where a cgroup with a limit was found that is not ours alone. */
struct sharing {
    struct error *error;
    char below[256]; /* the directory under it on the way to our own cgroup; "" at our own */
    int result;
};

/* From the text of /proc/PID/stat: the ninth field is the flags. */
static bool is_of_kernel(const char *text)
{
    const char *field = strrchr(text, ')'); /* the name, which comes second, may have blanks */

    for (int i = 2; i < 9 && field != NULL; i++)
        field = strchr(field + 1, ' ');
    return field != NULL && (strtoul(field, NULL, 10) & KERNEL_THREAD) != 0;
}

/* KVM may have a thread of the kernel's for each VM, which is in its cgroups and holds no memory of
 * theirs. */
static bool is_kernel_thread(unsigned long pid)
{
    static unsigned long known[16]; /* in a full cgroup nothing can be opened */
    static unsigned count;
    char path[64];
    char text[512];

    for (unsigned i = 0; i < count; i++)
        if (known[i] == pid)
            return true;
    snprintf(path, sizeof path, "/proc/%lu/stat", pid);
    if (!cgroup_read_text(path, text, sizeof text) || !is_of_kernel(text))
        return false;
    if (count < sizeof known / sizeof known[0])
        known[count++] = pid;
    return true;
}

bool cgroup_other_process(const struct cgroup *cgroup, unsigned long *pid)
{
    char text[TEXT_MOST];
    char *rest = NULL;

    cgroup_read_file(cgroup, CGROUP_PROCESSES, text, sizeof text);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        *pid = strtoul(line, NULL, 10);
        if (*pid != (unsigned long)getpid() && !is_kernel_thread(*pid))
            return true;
    }
    return false;
}

/* The first cgroup in a directory other than the one that leads to ours; false: none. */
static bool other_child(const struct cgroup *cgroup, const char *ours, char *name, size_t room)
{
    char path[PATH_MOST];
    bool found = false;

    snprintf(path, sizeof path, "%s%s", cgroup->root, cgroup->directory);
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

static void check_sharing(const struct cgroup *cgroup, void *argument)
{
    struct sharing *sharing = argument;
    unsigned long pid;
    char child[256];

    if (sharing->result == 0 && cgroup_limit(cgroup) != UINT64_MAX) {
        if (cgroup_other_process(cgroup, &pid))
            sharing->result =
                error_set(sharing->error,
                          "--guarantee strict: process %lu%s shares the limit of the memory "
                          "cgroup %s%s; start the VMM in a cgroup of its own",
                          pid, pid == 0 ? " (of another PID namespace)" : "", cgroup->root,
                          cgroup->directory);
        else if (other_child(cgroup, sharing->below, child, sizeof child))
            sharing->result =
                error_set(sharing->error,
                          "--guarantee strict: cgroup %s shares the limit of the memory cgroup "
                          "%s%s; set the limit on a cgroup of the VMM's own",
                          child, cgroup->root, cgroup->directory);
    }
    const char *name = strrchr(cgroup->directory, '/');
    snprintf(sharing->below, sizeof sharing->below, "%s", name != NULL ? name + 1 : "");
}

int cgroup_check_own(struct error *error)
{
    struct sharing sharing = {.error = error};

    const bool seen = cgroup_visit_own(check_sharing, &sharing);
    if (sharing.result == 0 && !seen)
        return error_set(error,
                         "--guarantee strict: not all memory cgroups of the VMM can be seen, "
                         "and one may have a limit that others share; start it where all of "
                         "them are mounted, not in a container");
    return sharing.result;
}
