/* SPDX-License-Identifier: MIT
 * What standard output can show. */
#ifndef HOLDFAST_CTL_TERMINAL_H
#define HOLDFAST_CTL_TERMINAL_H

#include <stdbool.h>

enum terminal_style {
    STYLE_NORMAL,
    STYLE_TITLE,
    STYLE_FREE,
    STYLE_RESERVED,
    STYLE_MAPPED,
    STYLE_COUNT,
};

/* Finds out; call it once before the others. */
void terminal_init(void);

/* Columns: of the terminal, else $COLUMNS, else 80. */
int terminal_columns(void);

/* Whether standard output is a terminal that can move its cursor: curses needs that and does not
 * ask. */
bool terminal_has_cursor(void);

/* The bytes that switch the style on; "" where standard output is no terminal, has no colours, or
 * $NO_COLOR is set. */
const char *terminal_style(enum terminal_style style);

#endif
