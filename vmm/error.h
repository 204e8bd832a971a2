/* SPDX-License-Identifier: MIT
 * A message for a person, filled in where something failed and printed where it matters. */
#ifndef HOLDFAST_ERROR_H
#define HOLDFAST_ERROR_H

struct error {
    char text[512];
};

/* Formats the message, always one line, and returns -1, so that a function can end with it.
 * Allocates nothing. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
