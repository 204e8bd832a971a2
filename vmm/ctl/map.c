/* SPDX-License-Identifier: MIT
 * holdfastctl map: asks for the picture of the arena. map_paint.c paints it. */
#include "vmm/ctl/map_paint.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/vm.h"

#define ROWS_USUAL 16u

static json_t *describe(const char *vm, const struct holdfast_picture_reply *picture)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < picture->cells_count; i++) {
        const struct holdfast_cell *cell = picture->cells[i];
        json_array_append_new(cells,
                              json_pack("{s:o, s:o, s:o}", "pages", report_json_number(cell->pages),
                                        "reserved", report_json_number(cell->reserved), "mapped",
                                        report_json_number(cell->mapped)));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "vm", report_json_text(vm), "base",
                     report_json_number(picture->arena_base), "pages",
                     report_json_number(picture->arena_pages), "cells", cells);
}

/* The picture, and the output of both calls. */
static enum exit_code show(const struct options *options, const char *vm,
                           struct holdfast *connection, const struct holdfast_stats_reply *stats)
{
    const uint32_t rows = options->rows != 0 ? options->rows : ROWS_USUAL;
    const struct map_shape shape = map_choose_shape(stats->arena_base, stats->arena_pages, rows);
    const struct holdfast_reply *reply = holdfast_picture(connection, shape.cells);
    enum exit_code code = vm_judge(options, reply);
    if (code == EXIT_OK && options->json)
        code = report_json(options, describe(vm, reply->picture));
    else if (code == EXIT_OK)
        map_paint(reply->picture, stats, &shape);
    holdfast_free(reply);
    return code;
}

enum exit_code run_map(const struct options *options, char **arguments)
{
    struct holdfast *connection = holdfast_connect(arguments[0]);
    const struct holdfast_reply *stats = holdfast_stats(connection);
    enum exit_code code = vm_judge(options, stats);
    if (code == EXIT_OK)
        code = show(options, arguments[0], connection, stats->stats);
    holdfast_free(stats);
    holdfast_close(connection);
    return code;
}
