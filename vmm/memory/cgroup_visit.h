/* SPDX-License-Identifier: MIT
 * Going through the memory cgroups of this process. */
#ifndef HOLDFAST_MEMORY_CGROUP_VISIT_H
#define HOLDFAST_MEMORY_CGROUP_VISIT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cgroup_files {
    const char *root, *limit, *usage, *inactive, *active;
};

/* Calls visit for each memory cgroup that this process is charged to, from the innermost up. */
typedef void cgroup_visitor(const struct cgroup_files *files, const char *directory,
                            void *argument);
void cgroup_visit_own(cgroup_visitor *visit, void *argument);

/* The limit of the cgroup in a directory below files->root, bytes; UINT64_MAX: none. */
uint64_t cgroup_limit(const struct cgroup_files *files, const char *directory);

#define TEXT_MOST 8192u
#define PATH_MOST (PATH_MAX + 128u) /* a cgroup's directory, and what goes around it */

/* A whole small file as text, without an allocation: it is asked for when memory is short. false
 * if it is not there; one that cannot be read for another reason is empty. */
bool cgroup_read_text(const char *path, char *text, size_t room);

#endif
