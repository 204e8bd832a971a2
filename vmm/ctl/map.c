/* SPDX-License-Identifier: MIT
 * holdfastctl map: asks for the picture of the arena. map_paint.c paints it. */
#include "vmm/ctl/call.h"
#include "vmm/ctl/map_paint.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/stats.h"

#define ROWS_USUAL 16u

static json_t *describe(const char *vm, const MESSAGE(PictureReply) * picture)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < picture->n_cells; i++) {
        const MESSAGE(Cell) *cell = picture->cells[i];
        json_array_append_new(cells,
                              json_pack("{s:o, s:o, s:o}", "pages", report_json_number(cell->pages),
                                        "reserved", report_json_number(cell->reserved), "mapped",
                                        report_json_number(cell->mapped)));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "vm", report_json_text(vm), "base",
                     report_json_number(picture->arena_base), "pages",
                     report_json_number(picture->arena_pages), "cells", cells);
}

/* Both calls, and the output of what they gave. */
static enum exit_code show(const struct options *options, struct peer *peer, struct error *error)
{
    MESSAGE(StatsReply) stats;
    enum exit_code code = stats_get(peer, &stats, error);
    if (code != EXIT_OK)
        return code;
    uint32_t rows = options->rows != 0 ? options->rows : ROWS_USUAL;
    struct map_shape shape = map_choose_shape(stats.arena_base, stats.arena_pages, rows);

    const Response *response;
    MESSAGE(PictureRequest) picture = MESSAGE_INIT(PICTURE_REQUEST);
    Request request = REQUEST_INIT;
    picture.cells = shape.cells;
    request.picture = &picture;
    request.call_case = CALL(PICTURE);
    code = peer_call(peer, &request, &response, error);
    if (code != EXIT_OK)
        return code;
    if (options->json)
        return report_json(options, describe(peer->vm, response->picture));
    map_paint(response->picture, &stats, &shape);
    return EXIT_OK;
}

enum exit_code run_map(const struct options *options, char **arguments)
{
    struct peer peer;
    struct error error;
    enum exit_code code = peer_open(&peer, arguments[0], &error);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    code = show(options, &peer, &error);
    peer_close(&peer);
    return code == EXIT_OK ? EXIT_OK : report_failure(options, code, &error);
}
