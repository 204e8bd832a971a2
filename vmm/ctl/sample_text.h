/* SPDX-License-Identifier: MIT
 * A sample as lines of text, for watch on a terminal and elsewhere. */
#ifndef HOLDFAST_CTL_SAMPLE_TEXT_H
#define HOLDFAST_CTL_SAMPLE_TEXT_H

#include "vmm/ctl/sample.h"

#include <stddef.h>

#define SAMPLE_LINE    320u
#define SAMPLE_SUMMARY 5u /* lines, the last of them empty */

/* Line 0 to SAMPLE_SUMMARY - 1 of what holds for the whole VM. */
void sample_summary(const struct sample *sample, const char *vm, unsigned line,
                    char to[SAMPLE_LINE]);

/* The titles of the columns, and the line of one window under them: 79 characters, unless a number
 * is extraordinary. */
void sample_titles(char to[SAMPLE_LINE]);
void sample_window(const struct sample *sample, size_t index, char to[SAMPLE_LINE]);

#endif
