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
    int lock; /* of the directory; held while the claim is made and released */
    char path[PATH_MAX];
    const char *base; /* the last part of path */
    struct stat identity;
    gid_t group; /* whose members may connect, too; (gid_t)-1: nobody else's */
};

struct control_config;

/* Listens on the path that the configuration gives, or on NAME.sock in the runtime directory. A
 * socket that a dead VMM has left there is removed. 0, or -1 with the error set and nothing left
 * behind: also where the socket is to be shared with a group and its directory is not. */
int claim_make(struct claim *claim, const struct control_config *config, struct error *error);

/* Stops listening and removes the socket, unless another VMM has put its own there. */
void claim_release(struct claim *claim);

#endif
