/* SPDX-License-Identifier: MIT
 * The directory of the control sockets: how a VMM makes itself known and the CLI finds it.
 *
 * It and the sockets in it belong to one user and are closed to all others (0700, 0600): nobody
 * else could use them. The exception is a directory with the set-group-ID bit and mode 2750: its
 * owner's VMs may be controlled by the members of its group, where that is asked for. */
#ifndef HOLDFAST_WIRE_RUNTIME_DIRECTORY_H
#define HOLDFAST_WIRE_RUNTIME_DIRECTORY_H

#include "vmm/error.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Where the VMs of a service user are, if somebody has made it theirs: libvirt's, and those of
 * holdfast@.service. */
#define RUNTIME_DIRECTORY_SHARED  "/run/holdfast-shared"
#define RUNTIME_DIRECTORY_SERVICE "/run/holdfast-service"

#define RUNTIME_DIRECTORY_LOCK ".lock"

/* Writes the path: $HOLDFAST_RUNTIME_DIR if set; else /run/holdfast for root; else, the first that
 * there is, one of the two above if it is the user's, $XDG_RUNTIME_DIR/holdfast,
 * /run/user/UID/holdfast, $HOME/.cache/holdfast. 0, or -1 with the error set if the environment
 * names none. */
int runtime_directory_path(char path[PATH_MAX], struct error *error);

/* Whether a path is one of the two. */
bool runtime_directory_is_of_service(const char *path);

#define RUNTIME_DIRECTORIES_MOST 5u

/* Writes where VMs may be that this user may control, the above first; a VMM that was started with
 * another environment has made its socket in one of the others. Returns how many, or -1 with the
 * error set. */
int runtime_directory_search(char paths[RUNTIME_DIRECTORIES_MOST][PATH_MAX], struct error *error);

/* Makes the directory if it is not there. 0, or -1 with the error set. */
int runtime_directory_make(const char *path, struct error *error);

/* Whether the members of its group may control the VMs in it. */
bool runtime_directory_is_shared(const struct stat *status);

/* Opens a directory of sockets. A descriptor, or -1 with errno set. */
int runtime_directory_open(const char *path);

/* Takes the directory's lock, under which sockets are made and removed; waits up to milliseconds
 * for another holder. In a shared directory the lock is that of a file which the group's members
 * may not open (RUNTIME_DIRECTORY_LOCK, the directory's owner's, left there). Returns what
 * runtime_directory_unlock() takes, or -1 with errno set: EWOULDBLOCK where somebody else has it.
 */
int runtime_directory_lock(int directory, unsigned milliseconds);
void runtime_directory_unlock(int lock);

/* For who will want it again and must not open it then: leaves the lock to others, and takes it
 * once more. The latter gives 0, or -1 with errno as above; it stays open in any case. */
void runtime_directory_leave(int lock);
int runtime_directory_lock_again(int lock, unsigned milliseconds);

#endif
