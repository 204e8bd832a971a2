/* SPDX-License-Identifier: MIT
 * Where one JSON value ends and the next begins in what a client sends: a stream, as QEMU reads it.
 * A value may go over several lines, several may stand on one, and none needs a newline behind it.
 * Only the ends are looked for here; whether a value is well formed, its parser says. */
#ifndef HOLDFAST_LIBVIRT_QMP_FRAME_H
#define HOLDFAST_LIBVIRT_QMP_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#define QMP_NESTING_MOST 32u

/* All zero at the start of a stream. */
struct qmp_frame {
    enum { FRAME_BETWEEN, FRAME_VALUE, FRAME_STRAY, FRAME_TOO_DEEP } state;
    unsigned depth; /* of brackets that are open */
    bool quoted;
    bool escaped;
};

enum qmp_frame_result {
    QMP_FRAME_MORE,       /* all bytes were looked at, and the value goes on behind them */
    QMP_FRAME_NOTHING,    /* the bytes up to *end belong to no value: drop them */
    QMP_FRAME_WHOLE,      /* a value ends at *end */
    QMP_FRAME_NOT_OBJECT, /* up to *end: something that is neither object, array nor string */
    QMP_FRAME_DEEP,       /* up to *end: brackets nest deeper than QMP_NESTING_MOST */
    QMP_FRAME_BROKEN_OFF, /* up to *end: a byte 0xff, or a newline in a string */
};

/* Looks at bytes from text on, of which *end have been looked at before and belong to the value
 * that has begun. What is dropped or whole begins at text. Cannot fail, and keeps nothing. */
enum qmp_frame_result qmp_frame_next(struct qmp_frame *frame, const char *text, size_t length,
                                     size_t *end);

#endif
