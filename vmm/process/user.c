/* SPDX-License-Identifier: MIT */
#include "user.h"

#include "vmm/cause.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    char name[64];
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

int user_choose(const char *name, struct error *error)
{
    const uid_t now = geteuid();

    chosen.changes = false;
    chosen.is_chosen = true;
    chosen.user = now;
    if (name != NULL ? find(name, error) < 0 : now != 0 || !find_default())
        return name != NULL ? -1 : 0;
    if (chosen.user == now)
        return 0;
    if (now != 0)
        return error_set(error, "--user %.64s: only root can become another user", name);
    if (find_groups(error) < 0)
        return -1;
    chosen.changes = true;
    return 0;
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
    if (!chosen.changes)
        return 0;
    if (syscall(SYS_setgroups, chosen.group_count, chosen.groups) < 0 ||
        syscall(SYS_setresgid, chosen.group, chosen.group, chosen.group) < 0)
        return -1;
    return (int)syscall(SYS_setresuid, chosen.user, chosen.user, chosen.user);
}
