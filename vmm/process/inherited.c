/* SPDX-License-Identifier: MIT */
#include "inherited.h"

#include "vmm/cause.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    bool noted;
    int *fd;
    size_t count;
} all;

int inherited_add(int fd, struct error *error)
{
    /* fanalyzer: the old one is not used again */
    int *more = reallocarray(all.fd, all.count + 1, sizeof *more);

    if (more == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    all.fd = more;
    all.fd[all.count++] = fd;
    return 0;
}

/* The number at the beginning of a text of digits alone, up to a slash; -1: it is none. */
static int number(const char *text)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return -1;
    errno = 0;
    const long value = strtol(text, &end, 10);
    return (*end == '\0' || *end == '/') && errno == 0 && value <= INT_MAX ? (int)value : -1;
}

static int note_listed(DIR *open_now, struct error *error)
{
    int result = 0;

    for (struct dirent *entry = readdir(open_now); entry != NULL && result == 0;
         entry = readdir(open_now)) {
        const int fd = number(entry->d_name);
        if (fd >= 0 && fd != dirfd(open_now))
            result = inherited_add(fd, error);
    }
    return result;
}

/* Where there is no /proc. */
static int note_tried(struct error *error)
{
    const long most = sysconf(_SC_OPEN_MAX);
    int result = 0;

    for (int fd = 0; fd < (most > 0 && most < 65536 ? most : 65536) && result == 0; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            result = inherited_add(fd, error);
    return result;
}

/* In the wrong direction, so that using one is the error that it was. */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int inherited_note(struct error *error)
{
    DIR *open_now = opendir("/proc/self/fd");
    const int result = open_now != NULL ? note_listed(open_now, error) : note_tried(error);

    if (open_now != NULL)
        closedir(open_now);
    all.noted = result == 0;
    occupy_standard_descriptors();
    return result;
}

bool inherited(int fd)
{
    if (!all.noted)
        return fcntl(fd, F_GETFD) >= 0;
    for (size_t i = 0; i < all.count; i++)
        if (all.fd[i] == fd)
            return true;
    return false;
}

int inherited_check_path(const char *path, struct error *error)
{
    static const struct {
        const char *name;
        int fd; /* -1: a number follows */
    } places[] = {
        {"/dev/fd/", -1},
        {"/proc/self/fd/", -1},
        {"/proc/thread-self/fd/", -1},
        {"/dev/stdin", STDIN_FILENO},
        {"/dev/stdout", STDOUT_FILENO},
        {"/dev/stderr", STDERR_FILENO},
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const size_t length = strlen(places[i].name);
        if (strncmp(path, places[i].name, length) != 0)
            continue;
        const int fd = places[i].fd >= 0 ? places[i].fd : number(path + length);
        if (fd >= 0 && !inherited(fd))
            return error_set(error, "%.200s: the VMM was started without a descriptor %d", path,
                             fd);
    }
    return 0;
}
