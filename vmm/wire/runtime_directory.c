/* SPDX-License-Identifier: MIT
 * The directory of the control sockets. */
#include "vmm/wire/runtime_directory.h"
#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS 20u
#define IN_HOME  "/.cache/holdfast"

#define SERVICES 2

static const char *const of_services[SERVICES] = {RUNTIME_DIRECTORY_SHARED,
                                                  RUNTIME_DIRECTORY_SERVICE};

bool runtime_directory_is_of_service(const char *path)
{
    for (int i = 0; i < SERVICES; i++)
        if (strcmp(path, of_services[i]) == 0)
            return true;
    return false;
}

static int write_path(char path[PATH_MAX], const char *directory, const char *rest,
                      const char *name, struct error *error)
{
    if (directory[0] != '/')
        return error_set(error, "%s is '%.100s': it must be an absolute path", name, directory);
    if (snprintf(path, PATH_MAX, "%s%s", directory, rest) >= PATH_MAX)
        return error_set(error, "%s is too long", name);
    return 0;
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool is_mine(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

/* Each: 1 and the path, 0 if it is not for this user, -1 with the error set. */

static int of_session(char path[PATH_MAX], struct error *error)
{
    const char *session = variable("XDG_RUNTIME_DIR");

    if (session == NULL)
        return 0;
    return write_path(path, session, "/holdfast", "XDG_RUNTIME_DIR", error) < 0 ? -1 : 1;
}

/* Where XDG_RUNTIME_DIR leads as a rule, for whoever was started without it. */
static int of_login(char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "/run/user/%u", (unsigned)geteuid());
    if (!is_mine(path))
        return 0;
    strcat(path, "/holdfast");
    return 1;
}

static int of_home(char path[PATH_MAX], struct error *error)
{
    const char *home = variable("HOME");

    if (home == NULL || !is_mine(home))
        return 0;
    return write_path(path, home, IN_HOME, "HOME", error) < 0 ? -1 : 1;
}

int runtime_directory_path(char path[PATH_MAX], struct error *error)
{
    const char *chosen = variable("HOLDFAST_RUNTIME_DIR");

    if (chosen != NULL)
        return write_path(path, chosen, "", "HOLDFAST_RUNTIME_DIR", error);
    if (geteuid() == 0)
        return write_path(path, "/run/holdfast", "", "the path", error);
    for (int i = 0; i < SERVICES; i++)
        if (is_mine(of_services[i]))
            return write_path(path, of_services[i], "", "the path", error);
    int found = of_session(path, error);
    if (found == 0)
        found = of_login(path);
    if (found == 0)
        found = of_home(path, error);
    if (found == 0)
        return error_set(error,
                         "no directory for control sockets: XDG_RUNTIME_DIR is not set, and "
                         "neither /run/user/%u nor HOME is this user's; set it or "
                         "HOLDFAST_RUNTIME_DIR",
                         (unsigned)geteuid());
    return found < 0 ? -1 : 0;
}

static bool is_new(char paths[][PATH_MAX], int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(paths[i], paths[count]) == 0)
            return false;
    return true;
}

int runtime_directory_search(char paths[RUNTIME_DIRECTORIES_MOST][PATH_MAX], struct error *error)
{
    const bool chosen = variable("HOLDFAST_RUNTIME_DIR") != NULL;
    const bool root = geteuid() == 0;
    int count = 1;

    if (runtime_directory_path(paths[0], error) < 0) {
        if (chosen || variable("XDG_RUNTIME_DIR") != NULL)
            return -1;
        count = 0; /* a user without a place for VMs may still control those of another */
    }
    if (chosen)
        return 1;
    if (!root && of_login(paths[count]) == 1 && is_new(paths, count))
        count++;
    if (!root && of_home(paths[count], error) == 1 && is_new(paths, count))
        count++;
    for (int i = 0; i < SERVICES; i++) {
        strcpy(paths[count], of_services[i]);
        count += is_new(paths, count);
    }
    return count;
}

/* A home may have no ~/.cache yet. Any other directory above must be there. */
static void make_cache(const char *path)
{
    char above[PATH_MAX];
    const size_t length = strlen(path);
    const size_t rest = strlen(IN_HOME);

    if (length <= rest || strcmp(path + length - rest, IN_HOME) != 0)
        return;
    snprintf(above, sizeof above, "%.*s", (int)(strrchr(path, '/') - path), path);
    mkdir(above, 0700); /* if it fails, so does what follows */
}

/* As after su or sudo, which may leave the variable as it was. */
static bool of_another_session(const char *path)
{
    const char *session = variable("XDG_RUNTIME_DIR");

    return session != NULL && variable("HOLDFAST_RUNTIME_DIR") == NULL && geteuid() != 0 &&
           strncmp(path, session, strlen(session)) == 0 && !is_mine(session);
}

bool runtime_directory_is_shared(const struct stat *status)
{
    return (status->st_mode & 07777) == 02750;
}

int runtime_directory_make(const char *path, struct error *error)
{
    make_cache(path);
    struct stat status;
    if ((mkdir(path, 0700) != 0 && errno != EEXIST) || stat(path, &status) != 0)
        return error_set(error, "cannot make the directory %s: %s%s", path, cause_text(errno),
                         of_another_session(path)
                             ? "; XDG_RUNTIME_DIR leads there, which is not this user's: unset it, "
                               "or set it or HOLDFAST_RUNTIME_DIR to a directory that is"
                             : "; set HOLDFAST_RUNTIME_DIR to another");
    if (!S_ISDIR(status.st_mode))
        return error_set(error, "%s is not a directory", path);
    uid_t user = geteuid();
    if (user != 0 && status.st_uid != user && status.st_uid != 0)
        return error_set(error,
                         "the directory %s belongs to user %u, not to user %u; set "
                         "HOLDFAST_RUNTIME_DIR to another",
                         path, (unsigned)status.st_uid, (unsigned)user);
    if ((status.st_mode & 077) != 0 && !runtime_directory_is_shared(&status))
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

/* What is locked: whoever can open a file can hold its lock for ever. */
static int open_lock(int directory)
{
    struct stat status;

    if (fstat(directory, &status) != 0)
        return -1;
    if (!runtime_directory_is_shared(&status))
        return openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* The file is the owner's also if root, who looks for VMs, is the first to lock. */
    setfsuid(status.st_uid);
    const int lock = openat(directory, RUNTIME_DIRECTORY_LOCK,
                            O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    const int reason = errno;
    setfsuid(geteuid());
    errno = reason;
    return lock;
}

int runtime_directory_lock_again(int lock, unsigned milliseconds)
{
    /* Not the waiting form of flock(): a stopped holder would stop us, too. */
    for (unsigned waited = 0;; waited += RETRY_MS) {
        if (flock(lock, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= milliseconds)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000L}, NULL);
    }
}

void runtime_directory_leave(int lock)
{
    flock(lock, LOCK_UN);
}

int runtime_directory_lock(int directory, unsigned milliseconds)
{
    const int lock = open_lock(directory);

    if (lock < 0 || runtime_directory_lock_again(lock, milliseconds) == 0)
        return lock;
    const int reason = errno;
    close(lock);
    errno = reason;
    return -1;
}

void runtime_directory_unlock(int lock)
{
    close(lock);
}
