/* SPDX-License-Identifier: MIT
 * The listening socket under a name that only one VMM has. */
#ifndef HOLDFAST_CONTROL_CLAIM_H
#define HOLDFAST_CONTROL_CLAIM_H

#include "vmm/error.h"

#include <limits.h>
#include <sys/stat.h>

struct claim {
    int listener; /* non-blocking */
    int directory;
    char path[PATH_MAX];
    const char *base; /* the last part of path */
    struct stat identity;
    gid_t group; /* whose members may connect, too; (gid_t)-1: nobody else's */
};

/* Listens on path, or on NAME.sock in the runtime directory if path is NULL. A socket that a dead
 * VMM has left there is removed. 0, or -1 with the error set and nothing left behind. */
int claim_make(struct claim *claim, const char *name, const char *path, struct error *error);

/* Stops listening and removes the socket, unless another VMM has put its own there. */
void claim_release(struct claim *claim);

#endif
