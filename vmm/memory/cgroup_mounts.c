/* SPDX-License-Identifier: MIT
 * Where cgroups are mounted: elsewhere than at the usual place on some hosts, and not from their
 * top in a container. */
#include "cgroup_visit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cgroup_mount mounts[2];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == '\0' || at[length] == ','))
            return true;
    }
    return false;
}

/* One line: ID, parent, device, root, mount point, options, other fields, "-", type, source,
 * options of the file system. Blanks in paths are written as \040 there, and no cgroup of ours has
 * any. */
static void take_line(char *line)
{
    char *field[5];
    char *rest = NULL;
    char *behind = strstr(line, " - ");

    if (behind == NULL)
        return;
    *behind = '\0';
    for (size_t i = 0; i < 5; i++) {
        field[i] = strtok_r(i == 0 ? line : NULL, " ", &rest);
        if (field[i] == NULL)
            return;
    }
    const char *type = strtok_r(behind + 3, " \n", &rest);
    const char *source = strtok_r(NULL, " \n", &rest);
    const char *options = strtok_r(NULL, " \n", &rest);
    if (type == NULL || source == NULL || options == NULL)
        return;
    const bool second = strcmp(type, "cgroup2") == 0;
    if (!second && !(strcmp(type, "cgroup") == 0 && has_word(options, "memory")))
        return;
    struct cgroup_mount *mount = &mounts[second];
    const bool whole = strcmp(field[3], "/") == 0;
    if ((mount->found && (mount->top[0] == '\0' || !whole)) || strlen(field[3]) >= PATH_MAX ||
        strlen(field[4]) >= PATH_MAX)
        return;
    mount->found = true;
    strcpy(mount->top, whole ? "" : field[3]);
    strcpy(mount->point, field[4]);
}

static void find(void)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t room = 0;

    if (file == NULL)
        return;
    while (getline(&line, &room, file) >= 0)
        take_line(line);
    free(line);
    fclose(file);
}

const struct cgroup_mount *cgroup_mount_of(int version)
{
    pthread_once(&once, find);
    return &mounts[version - 1];
}
