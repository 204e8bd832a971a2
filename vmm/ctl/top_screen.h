/* SPDX-License-Identifier: MIT
 * The screen of top. */
#ifndef HOLDFAST_CTL_TOP_SCREEN_H
#define HOLDFAST_CTL_TOP_SCREEN_H

#include "vmm/ctl/top_rows.h"
#include "vmm/ctl/watch_screen.h"

/* Begun and ended as that of watch. */
void top_screen_draw(struct watch_screen *screen, const struct top_rows *rows,
                     enum top_column sorted);

/* Handles the keys that were pressed; < and > choose the column by which the rows are sorted.
 * false: the user wants to quit. */
bool top_screen_keys(struct watch_screen *screen, struct top_rows *rows, enum top_column *sorted);

#endif
