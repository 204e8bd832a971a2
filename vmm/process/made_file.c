/* SPDX-License-Identifier: MIT */
#include "made_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void note(struct made_file *made, const struct stat *status)
{
    *made = (struct made_file){.is_made = true, .device = status->st_dev, .inode = status->st_ino};
}

void made_file_note(struct made_file *made, int fd)
{
    struct stat status;

    if (fstat(fd, &status) == 0)
        note(made, &status);
}

/* The name in its directory. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The directory of a path. -1: none. */
static int open_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char directory[PATH_MAX] = ".";

    /* The slash is kept, for the root has no other name. */
    if (slash != NULL && snprintf(directory, sizeof directory, "%.*s", (int)(slash + 1 - path),
                                  path) >= (int)sizeof directory)
        return -1;
    return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void made_file_note_path(struct made_file *made, const char *path)
{
    struct stat status;
    const int directory = open_directory(path);

    if (directory < 0)
        return;
    if (fstatat(directory, base_of(path), &status, AT_SYMLINK_NOFOLLOW) < 0) {
        close(directory);
        return;
    }
    note(made, &status);
    made->is_held = true;
    made->directory = directory;
}

void made_file_remove(struct made_file *made, const char *path)
{
    const char *base = base_of(path);
    struct stat status;

    if (!made->is_made)
        return;
    made->is_made = false;
    const int directory = made->is_held ? made->directory : open_directory(path);
    if (directory < 0)
        return;
    if (fstatat(directory, base, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_dev == made->device && status.st_ino == made->inode)
        unlinkat(directory, base, 0);
    close(directory);
}
