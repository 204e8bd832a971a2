/* SPDX-License-Identifier: MIT
 * Why the host refuses: which condition of the guarantee is not met, as far as it can be told.
 * Reads files, which are open from the start where there is room for so many: in a full memory
 * cgroup none can be opened. Not for the map path, nor under a lock. */
#include "room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ULL(value) ((unsigned long long)(value))

/* A mapping in the middle of another one takes two more. */
#define MAPS_NEXT_TO_NONE 4u

#define HOST_NEXT_TO_NOTHING (16ull << 20)

void unmet_begin(struct unmet_files *files, bool keep)
{
    files->are_kept = keep;
    files->maps = (struct map_count_files){-1, -1};
    if (keep)
        map_count_open(&files->maps);
    cgroup_watch_begin(&files->cgroups, keep);
}

void unmet_end(struct unmet_files *files)
{
    map_count_close(&files->maps);
    cgroup_watch_end(&files->cgroups);
}

__attribute__((format(printf, 2, 3))) static void add(char text[UNMET_TEXT], const char *format,
                                                      ...)
{
    const size_t length = strlen(text);
    va_list values;

    va_start(values, format);
    vsnprintf(text + length, UNMET_TEXT - length, format, values);
    va_end(values);
}

/* Each writes the text and returns true if that is it. */
typedef bool unmet_check(struct arena *arena, const struct arena_rescue *rescue,
                         char text[UNMET_TEXT]);

static bool is_made_up(struct arena *arena, const struct arena_rescue *rescue,
                       char text[UNMET_TEXT])
{
    if (!rescue->injected)
        return false;
    snprintf(text, UNMET_TEXT, "%s makes it fail",
             injection_is_drill(memory_injection(arena->memory)) ? "a drill" : "a test");
    return true;
}

static bool count_maps(struct unmet_files *files, uint64_t *allowed, uint64_t *used)
{
    if (!files->are_kept)
        map_count_open(&files->maps);
    const bool counted =
        map_count_allowed(&files->maps, allowed) && map_count_used(&files->maps, used);
    if (!files->are_kept)
        map_count_close(&files->maps);
    return counted;
}

static bool is_map_count(struct arena *arena, const struct arena_rescue *rescue,
                         char text[UNMET_TEXT])
{
    uint64_t allowed;
    uint64_t used;

    if (strcmp(rescue->system_call, "mmap") != 0 || rescue->error != ENOMEM ||
        !count_maps(&arena->teller.files, &allowed, &used) || used + MAPS_NEXT_TO_NONE < allowed)
        return false;
    if (allowed < arena->vmas.most)
        snprintf(text, UNMET_TEXT,
                 "vm.max_map_count was lowered from %llu to %llu, and the VMM has %llu mappings: "
                 "raise it again",
                 ULL(arena->vmas.most), ULL(allowed), ULL(used));
    else
        snprintf(text, UNMET_TEXT,
                 "the VMM has %llu mappings, and vm.max_map_count is %llu: raise it", ULL(used),
                 ULL(allowed));
    return true;
}

static bool is_cgroup(struct arena *arena, const struct arena_rescue *rescue, char text[UNMET_TEXT])
{
    struct cgroup_full full;

    (void)rescue;
    if (!cgroup_watch_find_full(&arena->teller.files.cgroups, &full))
        return false;
    snprintf(text, UNMET_TEXT, "the memory cgroup %.160s is full, %llu of %llu KiB", full.name,
             ULL(full.used >> 10), ULL(full.limit >> 10));
    if (full.has_other && full.other == 0)
        add(text, ", and a process of another PID namespace is charged to it, too");
    else if (full.has_other)
        add(text, ", and process %llu is charged to it, too", ULL(full.other));
    if (full.below >> 10 != 0)
        add(text, ", %llu KiB of it are charged to cgroups below it that are not the VMM's",
            ULL(full.below >> 10));
    return true;
}

static bool is_host(struct arena *arena, const struct arena_rescue *rescue, char text[UNMET_TEXT])
{
    const uint64_t left = cgroup_watch_memory_left(&arena->teller.files.cgroups);

    (void)rescue;
    /* 0: it cannot be told. */
    if (left == 0 || left >= HOST_NEXT_TO_NOTHING)
        return false;
    snprintf(text, UNMET_TEXT,
             "the host, or a memory cgroup that cannot be seen, has %llu KiB of memory left",
             ULL(left >> 10));
    return true;
}

/* A full cgroup that cannot be seen lets no file be opened. */
static bool is_no_file(struct arena *arena, const struct arena_rescue *rescue,
                       char text[UNMET_TEXT])
{
    const int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    const int cause = errno;

    (void)arena;
    (void)rescue;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || (cause != ENOMEM && cause != ENFILE))
        return false;
    snprintf(text, UNMET_TEXT,
             "a memory cgroup of the VMM or the host is full: there is no memory to open a file");
    return true;
}

static bool is_nothing_set_aside(struct arena *arena, const struct arena_rescue *rescue,
                                 char text[UNMET_TEXT])
{
    (void)rescue;
    if (memory_guarantee(arena->memory) != GUARANTEE_OFF)
        return false;
    snprintf(text, UNMET_TEXT,
             "nothing is set aside for it, for the VMM runs with --guarantee off");
    return true;
}

/* What another call has lent is not there for this one. */
static bool is_lent_elsewhere(struct arena *arena, const struct arena_rescue *rescue)
{
    return !rescue->has_lent && !rescue->injected && !rescue->is_access &&
           memory_guarantee(arena->memory) != GUARANTEE_OFF;
}

void unmet_text(struct arena *arena, const struct arena_rescue *rescue, char text[UNMET_TEXT])
{
    static unmet_check *const checks[] = {is_made_up, is_map_count, is_cgroup,
                                          is_host,    is_no_file,   is_nothing_set_aside};
    bool found = false;

    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !found; i++)
        found = checks[i](arena, rescue, text);
    if (!found)
        snprintf(text, UNMET_TEXT, "no reason is to be seen from here");
    if (!is_lent_elsewhere(arena, rescue))
        return;
    add(text, "; the ballast was lent before, or not to be had");
}
