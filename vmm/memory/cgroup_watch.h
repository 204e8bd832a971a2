/* SPDX-License-Identifier: MIT
 * Why memory is short: the memory cgroups of this process and the host. The files that tell it are
 * open from before, for in a full cgroup none can be opened. */
#ifndef HOLDFAST_MEMORY_CGROUP_WATCH_H
#define HOLDFAST_MEMORY_CGROUP_WATCH_H

#include "vmm/memory/cgroup_visit.h"

#include <stdbool.h>
#include <stdint.h>

#define CGROUPS_WATCHED 12u /* the innermost ones */
#define WATCH_OWN_TEXT  2048u

/* The most files that a watch has open. */
#define CGROUP_WATCH_FILES (CGROUPS_WATCHED * CGROUP_FILES + 2)

struct watched_cgroup {
    const struct cgroup_version *version;
    int file[CGROUP_FILES]; /* -1: it has not got this one, or it could not be opened */
    char directory[256];    /* cut if longer */
};

struct cgroup_watch {
    bool is_kept;                                  /* the files are open also between two looks */
    int own;                                       /* /proc/self/cgroup; -1: nothing is open */
    int meminfo;                                   /* or -1 */
    char own_text[WATCH_OWN_TEXT];                 /* what it said when the others were opened */
    struct watched_cgroup cgroup[CGROUPS_WATCHED]; /* from the innermost up */
    uint32_t count;
};

/* Begins a watch. keep: its files are opened now and stay open; else each look opens them, and does
 * not see a cgroup that is full. Opens and allocates; cannot fail: what cannot be opened is not
 * seen. */
void cgroup_watch_begin(struct cgroup_watch *watch, bool keep);
void cgroup_watch_end(struct cgroup_watch *watch);

/* A memory cgroup of this process in which next to nothing is left. */
struct cgroup_full {
    char name[256]; /* its directory, cut if longer */
    uint64_t used;  /* bytes, of all processes in it */
    uint64_t limit; /* bytes */
    bool has_other; /* another process is charged to it itself, */
    uint64_t other; /* this one; 0: one of another PID namespace */
    uint64_t below; /* bytes that are charged to cgroups below it that are not this process's */
};

/* Finds the innermost one. false: none that can be seen. Where the process has been moved to other
 * cgroups since the watch began, their files are opened. Allocates nothing; one thread at a time.
 */
bool cgroup_watch_find_full(struct cgroup_watch *watch, struct cgroup_full *full);

/* As cgroup_memory_left(), by the files of the watch. */
uint64_t cgroup_watch_memory_left(struct cgroup_watch *watch);

#endif
