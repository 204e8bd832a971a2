/* SPDX-License-Identifier: MIT */
#include "landlock.h"

#include "rule.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights that later versions have added, by their numbers: headers may be older than the kernel. */
#define RIGHTS_1 ((1ull << 13) - 1)
#define RIGHT_2  (1ull << 13) /* links and renames across directories */
#define RIGHT_3  (1ull << 14) /* truncation */
#define RIGHT_5  (1ull << 15) /* ioctl of devices */

static int no_files = -1;   /* the rules: none may be opened, */
static int some_files = -1; /* or those that tell what the host has left may be read, */
static int removals = -1;   /* or those in some directories may be removed */

static uint64_t all_rights(long version)
{
    return RIGHTS_1 | (version >= 2 ? RIGHT_2 : 0) | (version >= 3 ? RIGHT_3 : 0) |
           (version >= 5 ? RIGHT_5 : 0);
}

/* The descriptor, or -1 with errno. */
static int make_rules(void)
{
    const long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_ruleset_attr handled = {0};

    if (version < 0)
        return -1;
    handled.handled_access_fs = all_rights(version);
    return (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
}

/* 0, or -1 with errno. */
static int may_below(int rules, int directory, uint64_t rights)
{
    const struct landlock_path_beneath_attr beneath = {.allowed_access = rights,
                                                       .parent_fd = directory};

    return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

/* 0, or -1 with errno. What is not there needs no rule. */
static int may_read_below(int rules, const char *path)
{
    const int directory = path != NULL ? open(path, O_PATH | O_CLOEXEC) : -1;

    if (directory < 0)
        return 0;
    const int result =
        may_below(rules, directory, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
    const int cause = errno;
    close(directory);
    errno = cause;
    return result;
}

int landlock_may_remove_in(int directory)
{
    return removals < 0 ? 0 : may_below(removals, directory, LANDLOCK_ACCESS_FS_REMOVE_FILE);
}

static void forget(int *rules)
{
    if (*rules >= 0)
        close(*rules);
    *rules = -1;
}

void landlock_finish(void)
{
    forget(&no_files);
    forget(&some_files);
    forget(&removals);
}

int landlock_prepare(const struct memory_places *places)
{
    no_files = make_rules();
    some_files = make_rules();
    removals = make_rules();
    if (no_files >= 0 && some_files >= 0 && removals >= 0 &&
        may_read_below(some_files, "/proc") == 0 &&
        may_read_below(some_files, places->cgroups[0]) == 0 &&
        may_read_below(some_files, places->cgroups[1]) == 0 &&
        may_read_below(removals, sandbox_sanitizers_read) == 0)
        return 0;
    const int cause = errno;
    landlock_finish();
    errno = cause;
    return -1;
}

int landlock_enter(enum sandbox_thread thread)
{
    int rules = no_files;

    switch (thread) {
    case SANDBOX_MAIN: /* removes sockets at the end */
        rules = removals;
        break;
    case SANDBOX_VCPU:
    case SANDBOX_BALLAST:
    case SANDBOX_TELLER:
    case SANDBOX_WORKER:
    case SANDBOX_WATCHDOG:
        rules = some_files;
        break;
    default:
        break;
    }
    return rules < 0 ? 0 : (int)syscall(SYS_landlock_restrict_self, rules, 0);
}
