/* SPDX-License-Identifier: MIT
 * The screen of watch, by ncurses. */
#include "vmm/ctl/watch_screen.h"

#include "vmm/ctl/sample_text.h"
#include "vmm/ctl/terminal.h"

#include <curses.h>
#include <stdio.h>
#include <unistd.h>

bool watch_screen_begin(struct watch_screen *screen)
{
    *screen = (struct watch_screen){0};
    /* Not initscr(): it ends the program where the terminal is unknown. */
    if (!terminal_has_cursor())
        return false;
    if (newterm(NULL, stdout, stdin) == NULL)
        return false;
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    return true;
}

void watch_screen_end(void)
{
    endwin();
}

/* Lines of the screen that the table has: not the summary, the titles and the last line. */
static size_t table_lines(void)
{
    int lines = getmaxy(stdscr) - (int)SAMPLE_SUMMARY - 2;
    return lines > 1 ? (size_t)lines : 1;
}

static size_t last_first(const struct sample *sample)
{
    size_t lines = table_lines();
    return sample->list->windows_count > lines ? sample->list->windows_count - lines : 0;
}

static void draw_line(int line, const char *text)
{
    move(line, 0);
    clrtoeol();
    addnstr(text, getmaxx(stdscr));
}

static void draw_windows(const struct watch_screen *screen, const struct sample *sample)
{
    char text[SAMPLE_LINE];
    for (size_t i = 0; i < table_lines(); i++) {
        size_t index = screen->first + i;
        text[0] = '\0';
        if (index < sample->list->windows_count)
            sample_window(sample, index, text);
        else if (index == 0)
            snprintf(text, sizeof text, "no windows are reserved");
        draw_line((int)(SAMPLE_SUMMARY + 1 + i), text);
    }
}

static void draw_status(const struct watch_screen *screen, const struct sample *sample)
{
    char text[SAMPLE_LINE];
    size_t count = sample->list->windows_count;
    size_t last = screen->first + table_lines();
    if (last > count)
        last = count;
    if (last - screen->first < count)
        snprintf(text, sizeof text, "windows %zu to %zu of %zu; arrow keys scroll, q quits",
                 screen->first + 1, last, count);
    else
        snprintf(text, sizeof text, "q quits");
    attron(A_DIM);
    draw_line(getmaxy(stdscr) - 1, text);
    attroff(A_DIM);
}

void watch_screen_draw(struct watch_screen *screen, const struct sample *sample, const char *vm)
{
    char text[SAMPLE_LINE];
    if (screen->first > last_first(sample))
        screen->first = last_first(sample);
    for (unsigned line = 0; line < SAMPLE_SUMMARY; line++) {
        sample_summary(sample, vm, line, text);
        draw_line((int)line, text);
    }
    sample_titles(text);
    attron(A_BOLD);
    draw_line((int)SAMPLE_SUMMARY, text);
    attroff(A_BOLD);
    draw_windows(screen, sample);
    draw_status(screen, sample);
    refresh();
}

static void scroll_up(struct watch_screen *screen, size_t lines)
{
    screen->first -= lines < screen->first ? lines : screen->first;
}

static void scroll_to_key(struct watch_screen *screen, const struct sample *sample, int key)
{
    switch (key) {
    case KEY_UP:
    case 'k':
        scroll_up(screen, 1);
        break;
    case KEY_PPAGE:
        scroll_up(screen, table_lines());
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
        screen->first += table_lines();
        break;
    case KEY_END:
        screen->first = last_first(sample);
        break;
    default: /* KEY_RESIZE: drawing again is enough */
        break;
    }
}

bool watch_screen_keys(struct watch_screen *screen, const struct sample *sample, const char *vm)
{
    int key;
    while ((key = getch()) != ERR) {
        if (key == 'q' || key == 'Q')
            return false;
        scroll_to_key(screen, sample, key);
        watch_screen_draw(screen, sample, vm);
    }
    return true;
}
