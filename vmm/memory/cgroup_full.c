/* SPDX-License-Identifier: MIT
 * Which memory cgroup of this process is full, and whether others are charged to it. */
#include "cgroup.h"
#include "cgroup_visit.h"

#include <stdio.h>

/* The kernel charges a batch of pages for each processor ahead. */
#define NEXT_TO_NOTHING ((uint64_t)1 << 20)

struct search {
    struct cgroup_full *full;
    bool found;
};

static void look_at(const struct cgroup *cgroup, void *argument)
{
    struct search *search = argument;
    unsigned long other = 0;

    if (search->found)
        return;
    const uint64_t limit = cgroup_limit(cgroup);
    const uint64_t used = cgroup_used(cgroup);
    /* Page cache is not counted off: where the kernel refuses, it has not got any of it back. */
    if (limit == UINT64_MAX || used == UINT64_MAX ||
        (used < limit && limit - used > NEXT_TO_NOTHING))
        return;
    cgroup_other_process(cgroup, &other);
    search->found = true;
    *search->full = (struct cgroup_full){.used = used, .limit = limit, .other = other};
    snprintf(search->full->name, sizeof search->full->name, "%s", cgroup->directory);
}

bool cgroup_find_full(struct cgroup_full *full)
{
    struct search search = {.full = full};

    cgroup_visit_own(look_at, &search);
    return search.found;
}
