/* SPDX-License-Identifier: MIT
 * A connection to a VM's control service: finding the socket, sending, receiving. */
#ifndef HOLDFAST_CTL_CONNECT_H
#define HOLDFAST_CTL_CONNECT_H

#include "vmm/ctl/command.h"
#include "vmm/error.h"
#include "vmm/wire/bounded.h"
#include "vmm/wire/frame.h"
#include "vmm/wire/protocol.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_WAIT_MS 10000u

struct peer {
    int fd;
    const char *vm; /* as the user wrote it */
    char path[PATH_MAX];
    uint64_t last_id;
    int descriptor;                       /* to go with the next request; -1: none */
    uint32_t wait_ms;                     /* for an answer */
    uint64_t until_ms;                    /* for all of them, peer_clock_ms(); 0: for ever */
    bool ended;                           /* the VMM closed the connection */
    const volatile sig_atomic_t *give_up; /* not NULL: do not wait on once this is set */
    struct frame_reader input;
    struct bounded decode;
    uint8_t *memory;
};

/* Connects to the VM of this name, or on this path if vm contains a slash. EXIT_OK, or another
 * code with the error set and nothing to close. */
enum exit_code peer_open(struct peer *peer, const char *vm, struct error *error);

/* The same for the VM of this name in this runtime directory. */
enum exit_code peer_open_in(struct peer *peer, const char *directory, const char *vm,
                            struct error *error);

void peer_close(struct peer *peer);

enum peer_io {
    PEER_DONE,
    PEER_LATE,   /* the deadline is over */
    PEER_CLOSED, /* or broken */
};

uint64_t peer_clock_ms(void);

/* Sends all of it, and with its first byte the descriptor. */
enum peer_io peer_send(struct peer *peer, const uint8_t *bytes, size_t length, uint64_t deadline);

/* Reads some bytes into the peer's input. */
enum peer_io peer_receive(struct peer *peer, uint64_t deadline);

/* A pidfd of the VMM's process; -1 if it cannot be had, in another PID namespace for example. */
int peer_process(const struct peer *peer);

/* Waits until the VMM has closed the connection and the process, unless that is -1, has ended;
 * false if that takes longer. */
bool peer_wait_end(struct peer *peer, int process, uint32_t milliseconds);

#endif
