/* SPDX-License-Identifier: MIT
 * Aligned columns. */
#include "vmm/ctl/table.h"

#include "vmm/ctl/terminal.h"
#include "vmm/ctl/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GAP      2
#define CELL_MAX 8192

struct table {
    const struct table_column *columns;
    size_t count;
    char **cells;
    size_t used;
    size_t room;
    int widths[TABLE_COLUMNS];
    bool failed;
};

struct table *table_new(const struct table_column *columns, size_t count)
{
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->columns = columns;
    table->count = count;
    for (size_t i = 0; i < count; i++)
        if (columns[i].title != NULL)
            table->widths[i] = text_width(columns[i].title);
    return table;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->used; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table);
}

static bool make_room(struct table *table)
{
    if (table->used < table->room)
        return true;
    size_t room = table->room == 0 ? 64 : table->room * 2;
    char **cells = reallocarray(table->cells, room, sizeof *cells);
    if (cells == NULL)
        return false;
    table->cells = cells;
    table->room = room;
    return true;
}

void table_add(struct table *table, const char *format, ...)
{
    char text[CELL_MAX];
    char clean[CELL_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_clean(text, clean, sizeof clean);

    /* fanalyzer: it stays in its cell */
    if (!make_room(table) || (table->cells[table->used] = strdup(clean)) == NULL) {
        table->failed = true;
        return;
    }
    int *width = &table->widths[table->used % table->count];
    int columns = text_width(clean);
    if (columns > *width)
        *width = columns;
    table->used++;
}

static void print_cell(const struct table *table, size_t column, const char *text, FILE *to)
{
    int padding = table->widths[column] - text_width(text);
    bool last = column + 1 == table->count;
    if (table->columns[column].right)
        fprintf(to, "%*s%s", padding, "", text);
    else
        fprintf(to, "%s%*s", text, last ? 0 : padding, "");
    fprintf(to, "%*s", last ? 0 : GAP, "");
}

static void print_titles(const struct table *table, FILE *to)
{
    if (table->columns[0].title == NULL)
        return;
    fputs(terminal_style(STYLE_TITLE), to);
    for (size_t i = 0; i < table->count; i++)
        print_cell(table, i, table->columns[i].title, to);
    fputs(terminal_style(STYLE_NORMAL), to);
    fputc('\n', to);
}

bool table_print(const struct table *table, FILE *to)
{
    if (table == NULL || table->failed)
        return false;
    print_titles(table, to);
    for (size_t i = 0; i < table->used; i++) {
        size_t column = i % table->count;
        print_cell(table, column, table->cells[i], to);
        if (column + 1 == table->count)
            fputc('\n', to);
    }
    return true;
}
