/* SPDX-License-Identifier: MIT
 * The VMM's log: lines on standard error. Allocates nothing and takes no lock, so that the map
 * path may use it. */
#ifndef HOLDFAST_LOG_H
#define HOLDFAST_LOG_H

#include <stdint.h>

/* One line "holdfast-vmm[NAME]: ...", written with one system call; cut at 512 bytes. Left out
 * where nobody takes it within a second, so that no reader can hold up the VMM. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A terminal that has room for half a line, or a pipe that has room for one of two, would hold up
 * who writes more: it is opened anew, for this log alone, and takes what it can. Before the first
 * line; does not fail. */
void log_open(void);

/* The VM's name in later lines; the string must stay. */
void log_set_name(const char *name);

/* For lines that a guest can provoke: at most 10 a second come through; the next that does says
 * how many were left out. Zero-initialised; may be shared by threads. */
struct log_limit {
    _Atomic uint64_t second;
    _Atomic uint32_t lines;
    _Atomic uint32_t dropped;
};

void log_limited(struct log_limit *limit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
