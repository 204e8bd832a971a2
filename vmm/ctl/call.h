/* SPDX-License-Identifier: MIT
 * What connect.c and call.c share. */
#ifndef HOLDFAST_CTL_CALL_H
#define HOLDFAST_CTL_CALL_H

#include "vmm/ctl/connect.h"

#include <stddef.h>
#include <stdint.h>

enum peer_io {
    PEER_DONE,
    PEER_LATE, /* the deadline is over */
    PEER_GONE, /* the connection is closed or broken */
};

uint64_t peer_clock_ms(void);

/* Sends all of it. */
enum peer_io peer_send(struct peer *peer, const uint8_t *bytes, size_t length, uint64_t deadline);

/* Reads some bytes into the peer's input. */
enum peer_io peer_receive(struct peer *peer, uint64_t deadline);

#endif
