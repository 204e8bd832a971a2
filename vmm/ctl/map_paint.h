/* SPDX-License-Identifier: MIT
 * The picture of the arena in characters. */
#ifndef HOLDFAST_CTL_MAP_PAINT_H
#define HOLDFAST_CTL_MAP_PAINT_H

#include "holdfast/client.h"

#include <stdint.h>

struct map_shape {
    uint32_t columns; /* cells in a row */
    uint32_t cells;
    int label; /* characters of an address */
};

/* A power of two of cells in a row, so that the rows begin at even addresses, and as many rows as
 * asked for; fewer cells where the arena has fewer pages. */
struct map_shape map_choose_shape(uint64_t arena_base, uint64_t arena_pages, uint32_t rows);

/* Prints the picture, its legend and the totals. */
void map_paint(const struct holdfast_picture_reply *picture,
               const struct holdfast_stats_reply *stats, const struct map_shape *shape);

#endif
