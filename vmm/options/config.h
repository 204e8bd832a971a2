/* SPDX-License-Identifier: MIT
 * A configuration file, holdfast.conf(5): lines "word = value". Knows what a line is, and not which
 * words there are. */
#ifndef HOLDFAST_OPTIONS_CONFIG_H
#define HOLDFAST_OPTIONS_CONFIG_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_BYTES_MOST ((size_t)1 << 20)
#define CONFIG_LINE_MOST  ((size_t)68 << 10) /* the longest command line of a kernel, and a word */

struct config {
    const char *path; /* for messages */
    char *text;       /* all of it, and a zero; cut into words by config_next() */
    char *end;
    char *at;
    unsigned line; /* that config_next() has read last, from 1 on */
};

/* Reads a file. 0, or -1 with the error set: it is not a regular file, cannot be read, or is too
 * large. After success config_free(). */
int config_read(struct config *config, const char *path, struct error *error);
void config_free(struct config *config);

/* Takes text[length], which must have room for a zero behind it, in place of a file's. */
void config_take(struct config *config, const char *path, char *text, size_t length);

/* The next line that says something. Word and value stay as long as the text. 1; 0: there is none;
 * -1 with the error set, which names file and line: the line makes no sense, and the next call goes
 * on behind it. */
int config_next(struct config *config, const char **word, const char **value, struct error *error);

/* Sets the error "FILE:LINE: word 'WORD': CAUSE", of the line that was read last, and returns -1.
 */
int config_refuse(const struct config *config, const char *word, const char *cause,
                  struct error *error);

#endif
