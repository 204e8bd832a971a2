/* SPDX-License-Identifier: MIT
 * The VMM's log: lines on standard error. Allocates nothing and takes no lock, so that the map
 * path may use it. */
#ifndef HOLDFAST_LOG_H
#define HOLDFAST_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* One line "holdfast-vmm[NAME]: ...", written with one system call; cut at 512 bytes. Left out
 * where nobody takes it within a second, so that no reader can hold up the VMM. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How much a line matters, as syslog(3) numbers it. */
enum log_level {
    LOG_LEVEL_INFO, /* 6 */
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
};

/* What a line is about, for the fields of a journal. All zero: an informational line about nothing
 * in particular. The text says the same for people. */
struct log_about {
    enum log_level level;
    bool has_vcpu;
    uint32_t vcpu;
    uint64_t window; /* handle; 0: of none */
    uint32_t tag;    /* 0: none */
};

extern const struct log_about log_error;
extern const struct log_about log_warning;

void log_line_about(const struct log_about *about, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A terminal that has room for half a line, or a pipe that has room for one of two, would hold up
 * who writes more: it is opened anew, for this log alone, and takes what it can. Where standard
 * error is the journal, lines go there by its own protocol, with fields. Before the first line, and
 * while sockets may still be opened; does not fail. */
void log_open(void);

/* The VM's name in later lines; the string must stay. */
void log_set_name(const char *name);

/* Warnings, for lines that a guest can provoke: at most 10 a second come through; the next that
 * does says how many were left out. Zero-initialised; may be shared by threads. */
struct log_limit {
    _Atomic uint64_t second;
    _Atomic uint32_t lines;
    _Atomic uint32_t dropped;
};

void log_limited(struct log_limit *limit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void log_limited_about(struct log_limit *limit, const struct log_about *about, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

#endif
