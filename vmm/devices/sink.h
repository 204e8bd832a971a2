/* SPDX-License-Identifier: MIT
 * Where bytes of the guest's serial port go: a file, a pipe, a terminal. */
#ifndef HOLDFAST_DEVICES_SINK_H
#define HOLDFAST_DEVICES_SINK_H

#include "vmm/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
    int fd;           /* -1: none */
    const char *name; /* for the log; must stay */
    bool stuck;       /* the reader did not keep up: no waiting until it reads again */
    int failure;      /* errno of the last write, if that failed */
    uint64_t lost;    /* bytes since the first failure */
    struct log_limit complaints;
};

/* Writes bytes. Drops what nobody takes within a moment. Where the host refuses to write, the first
 * bytes that are lost leave a line in the log, and so does the first write that succeeds again. */
void sink_write(struct sink *sink, const uint8_t *bytes, size_t count);

/* Closes it, unless the descriptor is another's. Says what was lost in the end. */
void sink_close(struct sink *sink, bool owned);

#endif
