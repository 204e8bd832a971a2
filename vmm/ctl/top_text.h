/* SPDX-License-Identifier: MIT
 * What top shows, as lines of text and as JSON. */
#ifndef HOLDFAST_CTL_TOP_TEXT_H
#define HOLDFAST_CTL_TOP_TEXT_H

#include "vmm/ctl/top_rows.h"

#define TOP_LINE 512u

/* The titles, with a mark at the column by which they are sorted. */
void top_titles(enum top_column sorted, char to[TOP_LINE]);
void top_line(const struct top_row *row, char to[TOP_LINE]);

/* NULL for want of memory. */
json_t *top_json(const struct top_rows *rows);

#endif
