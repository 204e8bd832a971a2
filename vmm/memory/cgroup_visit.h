/* SPDX-License-Identifier: MIT
 * Going through the memory cgroups of this process. */
#ifndef HOLDFAST_MEMORY_CGROUP_VISIT_H
#define HOLDFAST_MEMORY_CGROUP_VISIT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The files of a version of cgroups. A name that a version has not is NULL. */
struct cgroup_files {
    const char *limit, *high, *usage, *inactive, *active;
    const char *above;   /* in memory.stat: the lowest limit of a cgroup and all above it */
    const char *at_top;  /* a file of the topmost cgroup of all alone */
    const char *not_top; /* a file of all the others alone */
};

/* A cgroup: its directory is root and directory, one behind the other. */
struct cgroup {
    const struct cgroup_files *files;
    const char *root; /* where cgroups are mounted */
    const char *directory;
};

/* Calls visit for each memory cgroup that this process is charged to, from the innermost up, as far
 * as they can be seen. false: some of them cannot. Opens files, and allocates nothing but for the
 * first call. */
typedef void cgroup_visitor(const struct cgroup *cgroup, void *argument);
bool cgroup_visit_own(cgroup_visitor *visit, void *argument);

/* Bytes that are charged to a cgroup, page cache included; UINT64_MAX: it does not tell. */
uint64_t cgroup_used(const struct cgroup *cgroup);

/* The first process in a cgroup other than this one; 0: it belongs to another PID namespace. false:
 * none. */
bool cgroup_other_process(const struct cgroup *cgroup, unsigned long *pid);

/* The limit of a cgroup, bytes; UINT64_MAX: none. Beyond memory.high nothing is refused, but all
 * stands nearly still: it is a limit, too. */
uint64_t cgroup_limit(const struct cgroup *cgroup);

#define TEXT_MOST 8192u
#define PATH_MOST (2 * PATH_MAX + 128u) /* a cgroup's directory, and what goes around it */

/* A whole small file as text, without an allocation: it is asked for when memory is short. false
 * if it is not there; one that cannot be read for another reason is empty. */
bool cgroup_read_text(const char *path, char *text, size_t room);

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
