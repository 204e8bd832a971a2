/* SPDX-License-Identifier: MIT
 * The directory of the control sockets. */
#include "vmm/wire/runtime_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS 20u

static int write_path(char path[PATH_MAX], const char *directory, const char *rest,
                      const char *variable, struct error *error)
{
    if (directory[0] != '/')
        return error_set(error, "%s is '%.100s': it must be an absolute path", variable, directory);
    if (snprintf(path, PATH_MAX, "%s%s", directory, rest) >= PATH_MAX)
        return error_set(error, "%s is too long", variable);
    return 0;
}

int runtime_directory_path(char path[PATH_MAX], struct error *error)
{
    const char *chosen = getenv("HOLDFAST_RUNTIME_DIR");
    if (chosen != NULL && chosen[0] != '\0')
        return write_path(path, chosen, "", "HOLDFAST_RUNTIME_DIR", error);
    if (geteuid() == 0)
        return write_path(path, "/run/holdfast", "", "the path", error);
    const char *session = getenv("XDG_RUNTIME_DIR");
    if (session != NULL && session[0] != '\0')
        return write_path(path, session, "/holdfast", "XDG_RUNTIME_DIR", error);
    return error_set(error, "no directory for control sockets: XDG_RUNTIME_DIR is not set; set it "
                            "or HOLDFAST_RUNTIME_DIR");
}

int runtime_directory_make(const char *path, struct error *error)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return error_set(error, "cannot make the directory %s: %s", path, strerror(errno));
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set(error, "cannot use the directory %s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return error_set(error, "%s is not a directory", path);
    uid_t user = geteuid();
    if (user != 0 && status.st_uid != user && status.st_uid != 0)
        return error_set(error,
                         "the directory %s belongs to user %u, not to user %u; set "
                         "HOLDFAST_RUNTIME_DIR to another",
                         path, (unsigned)status.st_uid, (unsigned)user);
    if ((status.st_mode & 077) != 0)
        return error_set(error,
                         "the directory %s is open to others (mode %04o), who could hold its lock; "
                         "chmod 700 it, or set HOLDFAST_RUNTIME_DIR to another",
                         path, (unsigned)status.st_mode & 07777);
    return 0;
}

int runtime_directory_open(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool runtime_directory_lock(int directory, unsigned milliseconds)
{
    /* Not the waiting form of flock(): a stopped holder would stop us, too. */
    for (unsigned waited = 0;; waited += RETRY_MS) {
        if (flock(directory, LOCK_EX | LOCK_NB) == 0)
            return true;
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= milliseconds)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000L}, NULL);
    }
}

void runtime_directory_unlock(int directory)
{
    flock(directory, LOCK_UN);
}
