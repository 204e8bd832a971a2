/* SPDX-License-Identifier: MIT
 * Going through the memory cgroups of this process. */
#ifndef HOLDFAST_MEMORY_CGROUP_VISIT_H
#define HOLDFAST_MEMORY_CGROUP_VISIT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cgroup_file {
    CGROUP_LIMIT,
    CGROUP_HIGH,
    CGROUP_USAGE,
    CGROUP_STAT,
    CGROUP_PROCESSES,
    CGROUP_FILES
};

/* A version of cgroups. A file that it has not is NULL. */
struct cgroup_version {
    const char *file[CGROUP_FILES];
    const char *inactive, *active; /* in CGROUP_STAT, as is */
    const char *above;             /* the lowest limit of a cgroup and all above it */
    const char *at_top;            /* a file of the topmost cgroup of all alone */
    const char *not_top;           /* a file of all the others alone */
};

/* A cgroup: its directory is root and directory, one behind the other. */
struct cgroup {
    const struct cgroup_version *version;
    const char *root; /* where cgroups are mounted */
    const char *directory;
    const int *open; /* its files, -1: it has not got this one. NULL: they are opened by name */
};

/* Calls visit for each memory cgroup that this process is charged to, from the innermost up, as far
 * as they can be seen. false: some of them cannot. Opens files, and allocates nothing but for the
 * first call. */
typedef void cgroup_visitor(const struct cgroup *cgroup, void *argument);
bool cgroup_visit_own(cgroup_visitor *visit, void *argument);

/* Reads a file of a cgroup as cgroup_read_text() does. */
bool cgroup_read_file(const struct cgroup *cgroup, enum cgroup_file file, char *text, size_t room);

/* Opens a file of a cgroup. The descriptor, or -1 with errno. */
int cgroup_open_file(const struct cgroup *cgroup, enum cgroup_file file);

/* What the host has left, bytes, by the text of /proc/meminfo. */
uint64_t cgroup_host_left(const char *meminfo);

/* What a cgroup has left, bytes; UINT64_MAX: no limit is known. */
uint64_t cgroup_left(const struct cgroup *cgroup);

/* Bytes that are charged to a cgroup, page cache included; UINT64_MAX: it does not tell. */
uint64_t cgroup_used(const struct cgroup *cgroup);

/* The first process in a cgroup other than this one and the kernel's threads; 0: it belongs to
 * another PID namespace. false: none. */
bool cgroup_other_process(const struct cgroup *cgroup, unsigned long *pid);

/* The limit of a cgroup, bytes; UINT64_MAX: none. Beyond memory.high nothing is refused, but all
 * stands nearly still: it is a limit, too. */
uint64_t cgroup_limit(const struct cgroup *cgroup);

#define TEXT_MOST 8192u
#define PATH_MOST (2 * PATH_MAX + 128u) /* a cgroup's directory, and what goes around it */

/* A whole small file as text, without an allocation: it is asked for when memory is short. false
 * if it is not there; one that cannot be read for another reason is empty. */
bool cgroup_read_text(const char *path, char *text, size_t room);

/* The same from the beginning of a file that is open. */
void cgroup_read_open(int fd, char *text, size_t room);

/* The number behind a label at the beginning of a line. "max": UINT64_MAX. No such line: 0. */
uint64_t cgroup_number(const char *text, const char *label);

/* ---- cgroup_mounts.c ---- */

/* Where a version's memory cgroups are mounted, and which of them is at that place. */
struct cgroup_mount {
    bool found;
    char point[PATH_MAX];
    char top[PATH_MAX]; /* "" for the topmost that this process can name */
};

/* version: 1 or 2. As they were at the first call, which allocates; later ones do not. */
const struct cgroup_mount *cgroup_mount_of(int version);

#endif
