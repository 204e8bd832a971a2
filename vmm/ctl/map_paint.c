/* SPDX-License-Identifier: MIT
 * The picture of the arena in characters. */
#include "vmm/ctl/map_paint.h"

#include "vmm/ctl/terminal.h"
#include "vmm/ctl/text.h"

#include "holdfast/abi.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define GAP           2
#define COLUMNS_LEAST 8u
#define COLUMNS_MOST  128u
#define ROWS_TO_SKIP  3u /* free rows in sequence that are shown as one */

/* What a cell shows. A part of a page's worth shows as well as a whole: no window may be lost in a
 * large arena. */
enum shade { SHADE_FREE, SHADE_RESERVED, SHADE_PART_MAPPED, SHADE_MAPPED, SHADE_COUNT };

static const struct {
    const char *unicode;
    const char *ascii;
    const char *meaning;
    enum terminal_style style;
} shades[SHADE_COUNT] = {
    {"·", ".", "free", STYLE_FREE},
    {"░", "o", "reserved", STYLE_RESERVED},
    {"▒", "+", "partly mapped", STYLE_MAPPED},
    {"█", "#", "all mapped", STYLE_MAPPED},
};

static enum shade shade_of(const struct holdfast_cell *cell)
{
    if (cell->reserved == 0)
        return SHADE_FREE;
    if (cell->mapped == 0)
        return SHADE_RESERVED;
    return cell->mapped < cell->pages ? SHADE_PART_MAPPED : SHADE_MAPPED;
}

static const char *glyph(enum shade shade)
{
    return text_unicode() ? shades[shade].unicode : shades[shade].ascii;
}

struct map_shape map_choose_shape(uint64_t arena_base, uint64_t arena_pages, uint32_t rows)
{
    char end[TEXT_NUMBER];
    struct map_shape shape = {.columns = COLUMNS_LEAST};
    text_address(arena_base + (arena_pages << HF_PAGE_SHIFT), end);
    shape.label = (int)strlen(end);
    int room = terminal_columns() - shape.label - GAP;
    while (shape.columns < COLUMNS_MOST && room >= (int)shape.columns * 2)
        shape.columns *= 2;
    uint64_t cells = (uint64_t)shape.columns * rows;
    if (cells > HOLDFAST_PICTURE_MOST)
        cells = HOLDFAST_PICTURE_MOST;
    if (cells > arena_pages)
        cells = arena_pages;
    shape.cells = cells > 0 ? (uint32_t)cells : 1;
    return shape;
}

/* ---- rows ---- */

struct row {
    size_t first;
    size_t count;
    uint64_t address;
    uint64_t pages;
    bool free;
};

/* The row from cell first on, which lies at address. */
static struct row measure(const struct holdfast_picture_reply *picture, size_t first,
                          uint64_t address, const struct map_shape *shape)
{
    struct row row = {.first = first, .address = address, .free = true};
    for (; row.count < shape->columns && first + row.count < picture->cells_count; row.count++) {
        const struct holdfast_cell *cell = picture->cells[first + row.count];
        row.pages += cell->pages;
        row.free = row.free && shade_of(cell) == SHADE_FREE;
    }
    return row;
}

static void paint_row(const struct holdfast_picture_reply *picture, const struct row *row,
                      const struct map_shape *shape)
{
    char address[TEXT_NUMBER];
    enum terminal_style style = STYLE_NORMAL;
    text_address(row->address, address);
    printf("%*s%*s", shape->label, address, GAP, "");
    for (size_t i = 0; i < row->count; i++) {
        enum shade shade = shade_of(picture->cells[row->first + i]);
        if (shades[shade].style != style) {
            style = shades[shade].style;
            printf("%s%s", terminal_style(STYLE_NORMAL), terminal_style(style));
        }
        fputs(glyph(shade), stdout);
    }
    printf("%s\n", terminal_style(STYLE_NORMAL));
}

static void paint_skipped(uint64_t pages, const struct map_shape *shape)
{
    char size[TEXT_NUMBER];
    text_pages(pages, size);
    printf("%*s%*s%s free\n", shape->label, text_unicode() ? "⋮" : ":", GAP, "", size);
}

/* Paints the free rows that start with this one, or one line in place of many, and returns the row
 * behind them. */
static struct row paint_free(const struct holdfast_picture_reply *picture, struct row row,
                             const struct map_shape *shape)
{
    struct row next = row;
    uint64_t pages = 0;
    uint32_t rows = 0;
    while (next.count > 0 && next.free) {
        pages += next.pages;
        rows++;
        next = measure(picture, next.first + next.count,
                       next.address + (next.pages << HF_PAGE_SHIFT), shape);
    }
    if (rows >= ROWS_TO_SKIP) {
        paint_skipped(pages, shape);
        return next;
    }
    for (; rows > 0; rows--) {
        paint_row(picture, &row, shape);
        row = measure(picture, row.first + row.count, row.address + (row.pages << HF_PAGE_SHIFT),
                      shape);
    }
    return next;
}

/* ---- legend ---- */

static void paint_legend(uint64_t pages)
{
    char size[TEXT_NUMBER];
    text_pages(pages, size);
    printf("\n");
    for (int i = 0; i < SHADE_COUNT; i++)
        printf("%s%s%s %s   ", terminal_style(shades[i].style), glyph((enum shade)i),
               terminal_style(STYLE_NORMAL), shades[i].meaning);
    printf("(each %s)\n", size);
}

static void paint_totals(const struct holdfast_stats_reply *stats)
{
    char reserved[TEXT_NUMBER];
    char mapped[TEXT_NUMBER];
    char free_space[TEXT_NUMBER];
    char largest[TEXT_NUMBER];
    text_pages(stats->arena_pages - stats->arena_free_pages, reserved);
    text_pages(stats->mapped_pages, mapped);
    text_pages(stats->arena_free_pages, free_space);
    text_pages(stats->arena_largest_pages, largest);
    printf("%s reserved in %u window%s, %s of it mapped\n%s free, at most %s in one range\n",
           reserved, stats->windows, stats->windows == 1 ? "" : "s", mapped, free_space, largest);
}

void map_paint(const struct holdfast_picture_reply *picture,
               const struct holdfast_stats_reply *stats, const struct map_shape *shape)
{
    struct row row = measure(picture, 0, picture->arena_base, shape);
    while (row.count > 0) {
        if (row.free) {
            row = paint_free(picture, row, shape);
            continue;
        }
        paint_row(picture, &row, shape);
        row = measure(picture, row.first + row.count, row.address + (row.pages << HF_PAGE_SHIFT),
                      shape);
    }
    paint_legend(picture->cells_count > 0 ? picture->cells[0]->pages : 0);
    paint_totals(stats);
}
