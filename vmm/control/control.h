/* SPDX-License-Identifier: MIT
 * The control service: answers holdfastctl and other clients on a Unix socket, in threads of its
 * own. Acts through vmm/arena and vmm/machine only.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_CONTROL_CONTROL_H
#define HOLDFAST_CONTROL_CONTROL_H

#include "vmm/error.h"
#include "vmm/options/setting.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct machine;

/* What Info says and the service cannot find out itself. The strings must stay. */
struct control_config {
    const char *name;        /* of the VM; vm_name_check() has passed */
    const char *socket_path; /* NULL: NAME.sock in the runtime directory */
    bool share;              /* with the group of the socket's directory */
    const char *version;     /* of the VMM */
    const char *kernel;
    const char *append;
    const char *console; /* where the guest's console goes */
    uint32_t vcpus;
    uint32_t features; /* HF_FEATURE_... */
    uint64_t memory_bytes;
    uint64_t arena_base; /* bytes */
    uint64_t arena_pages;
    struct settings settings; /* what the VM was started with */
};

struct control;

/* Takes and locks the memory (under 2 MiB) that the arena may write while it holds its lock: what
 * the service cannot do without comes before what may be locked or not. 0, or -1 with the error
 * set. */
int control_set_aside(struct error *error);

/* Claims the socket and starts the threads. NULL with the error set: another VM has the name, the
 * socket cannot be made, or memory or a thread cannot be had. Takes what control_set_aside() has
 * set aside, or else sets it aside here. */
struct control *control_start(const struct control_config *config, struct arena *arena,
                              struct machine *machine, struct error *error);

/* The directory of its socket, which it removes there at the end: a descriptor. */
int control_directory(const struct control *control);

/* Where the service listens. */
const char *control_socket_path(const struct control *control);

/* How far the thread has come that answers at once, and its ID, 0 before it has begun. It takes no
 * lock. */
uint64_t control_rounds(const struct control *control, int *thread_id);

/* Has it go round once more. Makes one system call that never waits. */
void control_wake(const struct control *control);

/* Removes the socket, disconnects the clients, ends the threads. A call that is being answered is
 * finished first, which may take as long as a file does not answer. Cannot fail; NULL is allowed.
 */
void control_stop(struct control *control);

#endif
