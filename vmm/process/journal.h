/* SPDX-License-Identifier: MIT
 * The journal of systemd, where it takes what is written to standard error. Its own protocol is a
 * datagram of fields, a line "NAME=value" each. */
#ifndef HOLDFAST_PROCESS_JOURNAL_H
#define HOLDFAST_PROCESS_JOURNAL_H

#include "vmm/log.h"

#include <stddef.h>

enum journal_way {
    JOURNAL_NONE,   /* standard error is something else */
    JOURNAL_NATIVE, /* by a socket of its own */
    JOURNAL_LEVELS, /* by standard error: it takes "<N>" before a line for the level */
};

/* Bytes that journal_begin() writes at most. */
#define JOURNAL_FIELDS 320u

/* Sees whether standard error is the journal, and connects to it: a socket that never blocks. Does
 * not fail. */
enum journal_way journal_open(int *socket);

/* Writes all fields but the text, and "MESSAGE=", which the text and the end of a line follow.
 * Returns how many bytes. */
int journal_begin(const struct log_about *about, const char *vm, char *line, size_t room);

/* The level as syslog(3) numbers it. */
int journal_level(const struct log_about *about);

#endif
