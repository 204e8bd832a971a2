/* SPDX-License-Identifier: MIT */
#include "user.h"

#include "vmm/cause.h"
#include "vmm/process/thread.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUPS_MOST 256

static struct {
    bool is_chosen;
    bool changes;
    uid_t user;
    gid_t group;
    gid_t groups[GROUPS_MOST];
    int group_count;
    char name[LOGIN_NAME_MAX];
    char why_root[300];
} chosen;

static void take(const struct passwd *entry)
{
    chosen.user = entry->pw_uid;
    chosen.group = entry->pw_gid;
    snprintf(chosen.name, sizeof chosen.name, "%s", entry->pw_name);
}

/* The name service would ask others for a user whom a package has put into this file, or nobody. */
static bool find_default(void)
{
#ifdef __SANITIZE_ADDRESS__
    return false; /* its last look for leaks opens files of /proc, which would then be root's */
#endif
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *entry = NULL;

    if (file == NULL)
        return false;
    while ((entry = fgetpwent(file)) != NULL && strcmp(entry->pw_name, USER_DEFAULT) != 0)
        ;
    if (entry != NULL)
        take(entry);
    fclose(file);
    return entry != NULL;
}

static int find(const char *name, struct error *error)
{
    char *end;

    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL && name[0] >= '0' && name[0] <= '9') {
        const unsigned long number = strtoul(name, &end, 10);
        if (*end == '\0' && errno == 0 && number < (uid_t)-1)
            entry = getpwuid((uid_t)number);
    }
    if (entry == NULL)
        return error_set(error, "--user %.64s: there is no such user", name);
    take(entry);
    return 0;
}

static int find_groups(struct error *error)
{
    chosen.group_count = GROUPS_MOST;
    if (getgrouplist(chosen.name, chosen.group, chosen.groups, &chosen.group_count) >= 0)
        return 0;
    return error_set(error, "--user %.64s: is in %d groups; %d are the most", chosen.name,
                     chosen.group_count, GROUPS_MOST);
}

static void *try_in_thread(void *argument)
{
    int *cause = argument;

    *cause = user_enter() < 0 ? errno : 0;
    return NULL;
}

/* Whether a thread can become this user: not in a container to which the host gives fewer. */
static int try(struct error *error)
{
    pthread_t thread;
    int cause = 0;
    const int failed = thread_start(&thread, try_in_thread, &cause);

    if (failed != 0)
        return error_set(error, "cannot start a thread: %s", cause_of_thread(failed));
    pthread_join(thread, NULL);
    return cause == 0 ? 0
                      : error_set(error, "--user %.64s: root cannot become this user here: %s",
                                  chosen.name, cause_text(cause));
}

static void stay(const char *why)
{
    chosen.changes = false;
    chosen.user = geteuid();
    snprintf(chosen.why_root, sizeof chosen.why_root, "%.290s", why);
}

int user_choose(const char *name, struct error *error)
{
    const uid_t now = geteuid();

    stay("no --user, and no user " USER_DEFAULT);
    chosen.is_chosen = true;
    if (name == NULL && (now != 0 || !find_default()))
        return 0;
    if (name != NULL && find(name, error) < 0)
        return -1;
    if (chosen.user == now) {
        stay("as --user wants it");
        return 0;
    }
    if (now != 0)
        return error_set(error, "--user %.64s: only root can become another user", name);
    chosen.changes = true;
    if (find_groups(error) == 0 && try(error) == 0)
        return 0;
    stay(error->text);
    return name == NULL ? 0 : -1;
}

const char *user_why_root(void)
{
    return chosen.why_root;
}

bool user_changes(void)
{
    return chosen.changes;
}

uid_t user_at_run(void)
{
    return chosen.is_chosen ? chosen.user : geteuid();
}

int user_enter(void)
{
    int parent_ends = 0; /* the signal that whoever has started the VMM wants it to get then */

    if (!chosen.changes)
        return 0;
    prctl(PR_GET_PDEATHSIG, &parent_ends, 0, 0, 0);
    if (syscall(SYS_setgroups, chosen.group_count, chosen.groups) < 0 ||
        syscall(SYS_setresgid, chosen.group, chosen.group, chosen.group) < 0 ||
        syscall(SYS_setresuid, chosen.user, chosen.user, chosen.user) < 0)
        return -1;
    /* The kernel has forgotten it. */
    return prctl(PR_SET_PDEATHSIG, parent_ends, 0, 0, 0);
}
