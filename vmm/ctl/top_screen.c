/* SPDX-License-Identifier: MIT
 * The screen of top, by ncurses. */
#include "vmm/ctl/top_screen.h"

#include "vmm/ctl/top_text.h"

#include <curses.h>
#include <stdio.h>

/* Lines of the screen that the table has: not the titles and the last line. */
static size_t table_lines(void)
{
    const int lines = getmaxy(stdscr) - 2;
    return lines > 1 ? (size_t)lines : 1;
}

static void draw_line(int line, const char *text)
{
    move(line, 0);
    clrtoeol();
    addnstr(text, getmaxx(stdscr));
}

static size_t last_first(const struct top_rows *rows)
{
    return rows->count > table_lines() ? rows->count - table_lines() : 0;
}

void top_screen_draw(struct watch_screen *screen, const struct top_rows *rows,
                     enum top_column sorted)
{
    char text[TOP_LINE];
    if (screen->first > last_first(rows))
        screen->first = last_first(rows);
    top_titles(sorted, text);
    attron(A_BOLD);
    draw_line(0, text);
    attroff(A_BOLD);
    for (size_t i = 0; i < table_lines(); i++) {
        text[0] = '\0';
        if (screen->first + i < rows->count)
            top_line(&rows->rows[screen->first + i], text);
        else if (i == 0)
            snprintf(text, sizeof text, "no VM is running");
        draw_line((int)i + 1, text);
    }
    snprintf(text, sizeof text, "%zu VM%s by %s; < and > sort, arrow keys scroll, q quits",
             rows->count, rows->count == 1 ? "" : "s", top_columns[sorted]);
    attron(A_DIM);
    draw_line(getmaxy(stdscr) - 1, text);
    attroff(A_DIM);
    refresh();
}

static void scroll_to_key(struct watch_screen *screen, const struct top_rows *rows, int key)
{
    const size_t lines = table_lines();
    switch (key) {
    case KEY_UP:
    case 'k':
        screen->first -= screen->first > 0;
        break;
    case KEY_PPAGE:
        screen->first -= lines < screen->first ? lines : screen->first;
        break;
    case KEY_HOME:
        screen->first = 0;
        break;
    case KEY_DOWN:
    case 'j':
        screen->first++;
        break;
    case KEY_NPAGE:
    case ' ':
        screen->first += lines;
        break;
    case KEY_END:
        screen->first = last_first(rows);
        break;
    default: /* KEY_RESIZE: drawing again is enough */
        break;
    }
}

bool top_screen_keys(struct watch_screen *screen, struct top_rows *rows, enum top_column *sorted)
{
    int key;
    while ((key = getch()) != ERR) {
        if (key == 'q' || key == 'Q')
            return false;
        if (key == '<' && *sorted > TOP_NAME)
            --*sorted;
        else if (key == '>' && *sorted + 1 < TOP_COLUMNS)
            ++*sorted;
        else
            scroll_to_key(screen, rows, key);
        top_rows_sort(rows, *sorted);
        top_screen_draw(screen, rows, *sorted);
    }
    return true;
}
