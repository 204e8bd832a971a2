/* SPDX-License-Identifier: MIT
 * Which memory cgroup of this process is full, and whether others are charged to it.
 *
 * The kernel takes the buffer of such a file when it is read for the first time, from the memory of
 * the reader's cgroup, and keeps it until the file is closed. So each is read once ahead. */
#include "cgroup_watch.h"

#include "cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel charges a batch of pages for each processor ahead. */
#define NEXT_TO_NOTHING ((uint64_t)1 << 20)

/* -1: it cannot be opened. */
static int open_and_read(const char *path)
{
    char text[TEXT_MOST];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0)
        cgroup_read_open(fd, text, sizeof text);
    return fd;
}

static void open_cgroup(const struct cgroup *cgroup, void *argument)
{
    struct cgroup_watch *watch = argument;
    char text[TEXT_MOST];
    unsigned long unused;

    if (watch->count == CGROUPS_WATCHED)
        return;
    cgroup_other_process(cgroup, &unused); /* gets to know the kernel's threads */
    struct watched_cgroup *watched = &watch->cgroup[watch->count++];
    watched->version = cgroup->version;
    snprintf(watched->directory, sizeof watched->directory, "%s", cgroup->directory);
    for (int file = 0; file < CGROUP_FILES; file++) {
        watched->file[file] = cgroup_open_file(cgroup, (enum cgroup_file)file);
        if (watched->file[file] >= 0)
            cgroup_read_open(watched->file[file], text, sizeof text);
    }
}

static void open_all(struct cgroup_watch *watch)
{
    watch->count = 0;
    watch->meminfo = open_and_read("/proc/meminfo");
    watch->own = open_and_read("/proc/self/cgroup");
    if (watch->own < 0)
        return;
    cgroup_read_open(watch->own, watch->own_text, sizeof watch->own_text);
    cgroup_visit_own(open_cgroup, watch);
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(struct cgroup_watch *watch)
{
    for (uint32_t i = 0; i < watch->count; i++)
        for (int file = 0; file < CGROUP_FILES; file++)
            close_one(&watch->cgroup[i].file[file]);
    watch->count = 0;
    close_one(&watch->own);
    close_one(&watch->meminfo);
}

void cgroup_watch_begin(struct cgroup_watch *watch, bool keep)
{
    *watch = (struct cgroup_watch){.is_kept = keep, .own = -1, .meminfo = -1};
    /* Also where nothing is kept: where cgroups are mounted is found out now. */
    open_all(watch);
    if (!keep)
        close_all(watch);
}

void cgroup_watch_end(struct cgroup_watch *watch)
{
    close_all(watch);
}

static bool has_moved(const struct cgroup_watch *watch)
{
    char text[WATCH_OWN_TEXT];

    if (watch->own < 0)
        return true;
    cgroup_read_open(watch->own, text, sizeof text);
    return strcmp(text, watch->own_text) != 0;
}

static void begin_look(struct cgroup_watch *watch)
{
    if (!has_moved(watch))
        return;
    close_all(watch);
    open_all(watch);
}

static void end_look(struct cgroup_watch *watch)
{
    if (!watch->is_kept)
        close_all(watch);
}

static struct cgroup cgroup_of(const struct watched_cgroup *watched)
{
    return (struct cgroup){watched->version, "", watched->directory, watched->file};
}

/* Page cache is not counted off: where the kernel refuses, it has not got any of it back. */
static bool is_full(const struct cgroup *cgroup, struct cgroup_full *full)
{
    full->limit = cgroup_limit(cgroup);
    full->used = cgroup_used(cgroup);
    if (full->limit == UINT64_MAX || full->used == UINT64_MAX)
        return false;
    /* Neither can be read. */
    if (full->limit == 0 && full->used == 0)
        return false;
    return full->used >= full->limit || full->limit - full->used <= NEXT_TO_NOTHING;
}

static void describe(const struct cgroup_watch *watch, uint32_t index, struct cgroup_full *full)
{
    const struct cgroup cgroup = cgroup_of(&watch->cgroup[index]);
    unsigned long other = 0;

    full->has_other = cgroup_other_process(&cgroup, &other);
    full->other = other;
    full->below = 0;
    snprintf(full->name, sizeof full->name, "%s",
             cgroup.directory[0] != '\0' ? cgroup.directory : "/");
    if (index == 0)
        return;
    const struct cgroup ours = cgroup_of(&watch->cgroup[index - 1]);
    const uint64_t used = cgroup_used(&ours);
    if (used < full->used)
        full->below = full->used - used;
}

bool cgroup_watch_find_full(struct cgroup_watch *watch, struct cgroup_full *full)
{
    bool found = false;

    begin_look(watch);
    for (uint32_t i = 0; i < watch->count && !found; i++) {
        const struct cgroup cgroup = cgroup_of(&watch->cgroup[i]);
        found = is_full(&cgroup, full);
        if (found)
            describe(watch, i, full);
    }
    end_look(watch);
    return found;
}

uint64_t cgroup_watch_memory_left(struct cgroup_watch *watch)
{
    char text[TEXT_MOST];
    uint64_t left = UINT64_MAX;

    begin_look(watch);
    if (watch->meminfo >= 0) {
        cgroup_read_open(watch->meminfo, text, sizeof text);
        left = cgroup_host_left(text);
    }
    for (uint32_t i = 0; i < watch->count; i++) {
        const struct cgroup cgroup = cgroup_of(&watch->cgroup[i]);
        const uint64_t here = cgroup_left(&cgroup);
        if (here < left)
            left = here;
    }
    end_look(watch);
    return left;
}
