/* SPDX-License-Identifier: MIT
 * The listening socket under a name that only one VMM has.
 *
 * It is made under a temporary name and listens before link() gives it the final one, all under
 * the directory's lock: a socket that refuses connections while the lock is held is dead. */
#include "vmm/control/claim.h"
#include "vmm/cause.h"
#include "vmm/control/control.h"
#include "vmm/log.h"

#include "vmm/wire/runtime_directory.h"
#include "vmm/wire/socket.h"
#include "vmm/wire/vm_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOCK_WAIT_MS    5000u
#define RELEASE_WAIT_MS 1000u
#define BACKLOG         32

/* The path in full, so that it holds whatever the working directory is later. */
static int write_given_path(struct claim *claim, const char *path, struct error *error)
{
    char here[PATH_MAX];
    int length;
    if (path[0] == '/') {
        length = snprintf(claim->path, sizeof claim->path, "%s", path);
    } else {
        if (getcwd(here, sizeof here) == NULL)
            return error_set(error, "cannot tell the working directory: %s", cause_text(errno));
        length = snprintf(claim->path, sizeof claim->path, "%s/%s", here, path);
    }
    if (length < 0 || (size_t)length >= sizeof claim->path)
        return error_set(error, "the control socket's path is too long");
    return 0;
}

static int write_default_path(struct claim *claim, const char *name, struct error *error)
{
    char directory[PATH_MAX];
    if (runtime_directory_path(directory, error) != 0 ||
        runtime_directory_make(directory, error) != 0)
        return -1;
    int length =
        snprintf(claim->path, sizeof claim->path, "%s/%s" VM_SOCKET_SUFFIX, directory, name);
    if (length < 0 || (size_t)length >= sizeof claim->path)
        return error_set(error, "the path of the runtime directory is too long");
    return 0;
}

/* Whose members may connect. Sharing has to be asked for, by the option, or by whoever made the
 * runtime directory that is there for it: a group that a directory happens to have is no reason to
 * let its members attach files with this user's rights. */
static int choose_group(struct claim *claim, const struct control_config *config,
                        const char *directory, struct error *error)
{
    const bool is_meant = config->socket_path == NULL && runtime_directory_is_of_service(directory);
    struct stat status;

    if (!config->share && !is_meant)
        return 0;
    if (fstat(claim->directory, &status) != 0)
        return error_set(error, "cannot look at the directory %s: %s", directory,
                         cause_text(errno));
    if (runtime_directory_is_shared(&status)) {
        claim->group = status.st_gid;
        return 0;
    }
    if (!config->share)
        return 0;
    return error_set(error,
                     "--share-control: the directory %s has mode %04o; to share the socket with "
                     "group %u, chmod 2750 it",
                     directory, (unsigned)status.st_mode & 07777, (unsigned)status.st_gid);
}

/* Opens the directory of claim->path and takes its lock. */
static int enter_directory(struct claim *claim, const struct control_config *config,
                           struct error *error)
{
    char directory[PATH_MAX];
    char *slash = strrchr(claim->path, '/');
    claim->base = slash + 1;
    if (claim->base[0] == '\0')
        return error_set(error, "the control socket's path %s ends with a slash", claim->path);
    /* Without the slash, but for the root directory's. */
    const int length = (int)(slash - claim->path);
    snprintf(directory, sizeof directory, "%.*s", length > 0 ? length : 1, claim->path);

    claim->directory = runtime_directory_open(directory);
    if (claim->directory < 0)
        return error_set(error, "cannot open the directory of the control socket, %s: %s",
                         directory, cause_text(errno));
    if (choose_group(claim, config, directory, error) != 0) {
        close(claim->directory);
        return -1;
    }
    claim->lock = runtime_directory_lock(claim->directory, LOCK_WAIT_MS);
    if (claim->lock < 0) {
        const int reason = errno;
        close(claim->directory);
        return reason == EWOULDBLOCK
                   ? error_set(error,
                               "the directory %s is locked by another process for more than %u s",
                               directory, LOCK_WAIT_MS / 1000)
                   : error_set(error, "cannot lock the directory %s: %s", directory,
                               cause_text(reason));
    }
    return 0;
}

static int refuse_live(const struct claim *claim, const char *name, bool named, struct error *error)
{
    if (named)
        return error_set(error,
                         "a VM named %s is already running (socket %s); choose another --name or "
                         "stop it with `holdfastctl stop %s`",
                         name, claim->path, name);
    return error_set(error,
                     "a VM is already running on the control socket %s; choose another --control "
                     "or stop it with `holdfastctl stop %s`",
                     claim->path, claim->path);
}

/* Makes sure that nothing is there under the final name. */
static int clear_name(const struct claim *claim, const char *name, bool named, struct error *error)
{
    struct stat link;
    switch (socket_probe(claim->path)) {
    case SOCKET_ABSENT:
        if (fstatat(claim->directory, claim->base, &link, AT_SYMLINK_NOFOLLOW) != 0)
            return 0;
        errno = ENOTSOCK; /* a symbolic link to nothing */
        break;
    case SOCKET_LIVE:
        return refuse_live(claim, name, named, error);
    case SOCKET_DEAD:
        if (unlinkat(claim->directory, claim->base, 0) == 0)
            return 0;
        return error_set(error, "cannot remove %s, which a dead VMM has left: %s", claim->path,
                         cause_text(errno));
    case SOCKET_UNKNOWN:
        break;
    }
    if (errno == ENOTSOCK)
        return error_set(error, "%s exists and is not a socket; remove it or choose another path",
                         claim->path);
    return error_set(error, "cannot tell whether a VM is running on the control socket %s: %s",
                     claim->path, cause_text(errno));
}

static int bind_temporary(struct claim *claim, const char *temporary, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%.*s%s",
                          (int)(claim->base - claim->path), claim->path, temporary);
    if (length < 0 || (size_t)length >= sizeof address.sun_path)
        return error_set(error, "the control socket's path %s is too long", claim->path);

    claim->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (claim->listener < 0)
        return error_set(error, "cannot make the control socket: %s", cause_text(errno));
    /* Left by a VMM that died here; nobody else can be at it while we have the lock. */
    unlinkat(claim->directory, temporary, 0);
    /* bind() gives the file the mode of the socket, as far as the umask allows, and the directory
     * its group. Nobody but this user can write to a directory that is shared. */
    if (fchmod(claim->listener, 0600) != 0 ||
        bind(claim->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        (claim->group != (gid_t)-1 && fchmodat(claim->directory, temporary, 0660, 0) != 0)) {
        error_set(error, "cannot make the control socket %s: %s", claim->path, cause_text(errno));
        close(claim->listener);
        return -1;
    }
    if (listen(claim->listener, BACKLOG) != 0 ||
        fstatat(claim->directory, temporary, &claim->identity, AT_SYMLINK_NOFOLLOW) != 0 ||
        linkat(claim->directory, temporary, claim->directory, claim->base, 0) != 0) {
        error_set(error, "cannot make the control socket %s: %s", claim->path, cause_text(errno));
        unlinkat(claim->directory, temporary, 0);
        close(claim->listener);
        return -1;
    }
    unlinkat(claim->directory, temporary, 0);
    return 0;
}

static int listen_there(struct claim *claim, const char *name, bool named, struct error *error)
{
    char temporary[NAME_MAX];
    if (clear_name(claim, name, named, error) != 0)
        return -1;
    snprintf(temporary, sizeof temporary, ".%.200s-%d", claim->base, (int)getpid());
    return bind_temporary(claim, temporary, error);
}

int claim_make(struct claim *claim, const struct control_config *config, struct error *error)
{
    const char *name = config->name;
    const char *path = config->socket_path;

    *claim = (struct claim){.listener = -1, .directory = -1, .lock = -1, .group = (gid_t)-1};
    int written = path != NULL ? write_given_path(claim, path, error)
                               : write_default_path(claim, name, error);
    if (written != 0 || socket_path_check(claim->path, error) != 0 ||
        enter_directory(claim, config, error) != 0)
        return -1;
    const int result = listen_there(claim, name, path == NULL, error);
    if (result != 0) {
        runtime_directory_unlock(claim->lock);
        close(claim->directory);
    } else {
        runtime_directory_leave(claim->lock); /* open for the end */
    }
    return result;
}

/* Whether the name is this socket's. errno 0: it is another's. */
static bool is_own(const struct claim *claim)
{
    struct stat now;

    errno = 0;
    return fstatat(claim->directory, claim->base, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           now.st_dev == claim->identity.st_dev && now.st_ino == claim->identity.st_ino;
}

void claim_release(struct claim *claim)
{
    /* Without the lock, if need be: what stays behind is cleared by the next VMM or CLI. */
    runtime_directory_lock_again(claim->lock, RELEASE_WAIT_MS);
    if ((is_own(claim) && unlinkat(claim->directory, claim->base, 0) != 0) || errno == EACCES)
        log_line("the control socket %s stays until the next VM of that name, or `holdfastctl "
                 "list`: this user may not remove it",
                 claim->path);
    runtime_directory_unlock(claim->lock);
    close(claim->directory);
    close(claim->listener);
}
