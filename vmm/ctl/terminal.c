/* SPDX-License-Identifier: MIT
 * What standard output can show, by terminfo. */
#include "vmm/ctl/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

static char styles[STYLE_COUNT][48];

static void set_style(enum terminal_style style, const char *bytes)
{
    if (bytes != NULL && strlen(bytes) < sizeof styles[style])
        strcpy(styles[style], bytes);
}

static void set_colour(enum terminal_style style, int colour)
{
    if (set_a_foreground != NULL)
        set_style(style, tparm(set_a_foreground, colour, 0, 0, 0, 0, 0, 0, 0, 0));
}

void terminal_init(void)
{
    const char *no_color = getenv("NO_COLOR");
    int result;
    if (!isatty(STDOUT_FILENO) || (no_color != NULL && no_color[0] != '\0'))
        return;
    if (setupterm(NULL, STDOUT_FILENO, &result) != OK || max_colors < 8 ||
        exit_attribute_mode == NULL)
        return;
    set_style(STYLE_NORMAL, exit_attribute_mode);
    set_style(STYLE_TITLE, enter_bold_mode);
    set_style(STYLE_FREE, enter_dim_mode);
    set_colour(STYLE_RESERVED, COLOR_YELLOW);
    set_colour(STYLE_MAPPED, COLOR_GREEN);
}

int terminal_columns(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *wanted = getenv("COLUMNS");
    long number = wanted != NULL ? strtol(wanted, NULL, 10) : 0;
    return number > 0 && number <= 1000 ? (int)number : 80;
}

bool terminal_has_cursor(void)
{
    int result;
    return isatty(STDOUT_FILENO) && setupterm(NULL, STDOUT_FILENO, &result) == OK &&
           cursor_address != NULL;
}

const char *terminal_style(enum terminal_style style)
{
    return styles[style];
}
