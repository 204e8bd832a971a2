/* SPDX-License-Identifier: MIT
 * Why the host refuses: which condition of the guarantee is not met, as far as it can be told.
 * Opens files; not for the map path, nor under a lock. */
#include "map_count.h"
#include "room.h"
#include "vmm/memory/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ULL(value) ((unsigned long long)(value))

/* A mapping in the middle of another one takes two more. */
#define MAPS_NEXT_TO_NONE 4u

#define HOST_NEXT_TO_NOTHING (16ull << 20)

/* Each writes the text and returns true if that is it. */
typedef bool unmet_check(const struct arena *arena, const struct arena_rescue *rescue,
                         char text[UNMET_TEXT]);

static bool is_made_up(const struct arena *arena, const struct arena_rescue *rescue,
                       char text[UNMET_TEXT])
{
    if (!rescue->injected)
        return false;
    snprintf(text, UNMET_TEXT, "%s makes it fail",
             injection_is_drill(memory_injection(arena->memory)) ? "a drill" : "a test");
    return true;
}

/* Nothing more can be asked then. */
static bool is_no_file(const struct arena *arena, const struct arena_rescue *rescue,
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

static bool is_map_count(const struct arena *arena, const struct arena_rescue *rescue,
                         char text[UNMET_TEXT])
{
    uint64_t allowed;
    uint64_t used;

    if (strcmp(rescue->system_call, "mmap") != 0 || rescue->error != ENOMEM ||
        !map_count_allowed(&allowed) || !map_count_used(&used) ||
        used + MAPS_NEXT_TO_NONE < allowed)
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

static bool is_cgroup(const struct arena *arena, const struct arena_rescue *rescue,
                      char text[UNMET_TEXT])
{
    struct cgroup_full full;

    (void)arena;
    (void)rescue;
    if (!cgroup_find_full(&full))
        return false;
    const int length = snprintf(text, UNMET_TEXT, "the memory cgroup %s is full, %llu of %llu KiB",
                                full.name, ULL(full.used >> 10), ULL(full.limit >> 10));
    if (full.other != 0 && length > 0 && (size_t)length < UNMET_TEXT)
        snprintf(text + length, UNMET_TEXT - (size_t)length,
                 ", and process %llu is charged to it, too", ULL(full.other));
    return true;
}

static bool is_host(const struct arena *arena, const struct arena_rescue *rescue,
                    char text[UNMET_TEXT])
{
    const uint64_t left = cgroup_memory_left();

    (void)arena;
    (void)rescue;
    /* 0: it cannot be told. */
    if (left == 0 || left >= HOST_NEXT_TO_NOTHING)
        return false;
    snprintf(text, UNMET_TEXT,
             "the host, or a memory cgroup that cannot be seen, has %llu KiB of memory left",
             ULL(left >> 10));
    return true;
}

static bool is_nothing_set_aside(const struct arena *arena, const struct arena_rescue *rescue,
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
static bool is_lent_elsewhere(const struct arena *arena, const struct arena_rescue *rescue)
{
    return !rescue->has_lent && !rescue->injected &&
           memory_guarantee(arena->memory) != GUARANTEE_OFF;
}

void unmet_text(const struct arena *arena, const struct arena_rescue *rescue, char text[UNMET_TEXT])
{
    static unmet_check *const checks[] = {is_made_up, is_no_file, is_map_count,
                                          is_cgroup,  is_host,    is_nothing_set_aside};
    bool found = false;

    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !found; i++)
        found = checks[i](arena, rescue, text);
    if (!found)
        snprintf(text, UNMET_TEXT, "no reason is to be seen from here");
    if (!is_lent_elsewhere(arena, rescue))
        return;
    const size_t length = strlen(text);
    snprintf(text + length, UNMET_TEXT - length, "; the ballast was lent before, or not to be had");
}
