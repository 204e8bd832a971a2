/* SPDX-License-Identifier: MIT
 * The directory of the control sockets: how a VMM makes itself known and the CLI finds it.
 *
 * It and the sockets in it belong to one user and are closed to all others (0700, 0600): nobody
 * else could use them, and whoever can open the directory could hold its lock for ever. */
#ifndef HOLDFAST_WIRE_RUNTIME_DIRECTORY_H
#define HOLDFAST_WIRE_RUNTIME_DIRECTORY_H

#include "vmm/error.h"

#include <limits.h>
#include <stdbool.h>

/* Writes the path: $HOLDFAST_RUNTIME_DIR if set, else /run/holdfast for root, else
 * $XDG_RUNTIME_DIR/holdfast. 0, or -1 with the error set if the environment names none. */
int runtime_directory_path(char path[PATH_MAX], struct error *error);

/* Makes the directory if it is not there. 0, or -1 with the error set. */
int runtime_directory_make(const char *path, struct error *error);

/* Opens a directory of sockets. A descriptor, or -1 with errno set. */
int runtime_directory_open(const char *path);

/* Takes the directory's lock, under which sockets are made and removed; waits up to milliseconds
 * for another holder. false: not taken. Closing the descriptor gives the lock back, too. */
bool runtime_directory_lock(int directory, unsigned milliseconds);
void runtime_directory_unlock(int directory);

#endif
