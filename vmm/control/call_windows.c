/* SPDX-License-Identifier: MIT
 * ListWindows and Picture: the window table that the hypercalls work on, too. */
#include "vmm/arena/operators.h"
#include "vmm/control/calls.h"

static void describe(MESSAGE(Window) * window, const struct window_state *state)
{
    *window = (MESSAGE(Window))MESSAGE_INIT(WINDOW);
    window->handle = state->handle;
    window->address = state->arena_page << HF_PAGE_SHIFT;
    window->pages = state->pages;
    window->mapped_pages = state->mapped_pages;
    window->tag = state->tag;
    window->flags = state->flags;
    window->max_extents = state->max_extents;
    window->extents = state->extents;
    window->mappings = state->mappings;
    window->maps = state->maps;
    window->unmaps = state->unmaps;
    window->faults = state->faults;
}

/* Turns states[count] into messages; false if that was answered with a failure. */
static bool fill_windows(struct call *call, MESSAGE(ListWindowsReply) * reply,
                         const struct window_state *states, uint32_t count)
{
    MESSAGE(Window) *windows = call_memory(call, count, sizeof *windows);
    MESSAGE(Window) **list = call_memory(call, count, sizeof *list);
    if (windows == NULL || list == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        describe(&windows[i], &states[i]);
        list[i] = &windows[i];
    }
    reply->windows = list;
    reply->n_windows = count;
    return true;
}

void call_list_windows(struct call *call)
{
    const MESSAGE(ListWindowsRequest) *request = call->request->list_windows;
    uint32_t limit = request->limit;
    if (limit == 0 || limit > WINDOWS_PER_REPLY)
        limit = WINDOWS_PER_REPLY;

    MESSAGE(ListWindowsReply) *reply = call_memory(call, 1, sizeof *reply);
    struct window_state *states = call_memory(call, limit, sizeof *states);
    if (reply == NULL || states == NULL)
        return;
    *reply = (MESSAGE(ListWindowsReply))MESSAGE_INIT(LIST_WINDOWS_REPLY);
    uint32_t count = arena_windows(call->service->arena, request->from_page, states, limit);
    if (!fill_windows(call, reply, states, count))
        return;
    if (count == limit)
        reply->next = states[count - 1].arena_page + states[count - 1].pages;
    call->response->list_windows = reply;
    call->response->reply_case = REPLY(LIST_WINDOWS);
}

static bool fill_cells(struct call *call, MESSAGE(PictureReply) * reply,
                       const struct arena_cell *parts, uint32_t count)
{
    MESSAGE(Cell) *cells = call_memory(call, count, sizeof *cells);
    MESSAGE(Cell) **list = call_memory(call, count, sizeof *list);
    if (cells == NULL || list == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        cells[i] = (MESSAGE(Cell))MESSAGE_INIT(CELL);
        cells[i].pages = parts[i].pages;
        cells[i].reserved = parts[i].reserved;
        cells[i].mapped = parts[i].mapped;
        list[i] = &cells[i];
    }
    reply->cells = list;
    reply->n_cells = count;
    return true;
}

void call_picture(struct call *call)
{
    uint32_t count = call->request->picture->cells;
    if (count == 0 || count > PICTURE_CELLS_MAX) {
        call_fail(call, STATUS(BAD_REQUEST), "a picture of %u cells: it must be 1 to %u", count,
                  PICTURE_CELLS_MAX);
        return;
    }
    MESSAGE(PictureReply) *reply = call_memory(call, 1, sizeof *reply);
    struct arena_cell *cells = call_memory(call, count, sizeof *cells);
    if (reply == NULL || cells == NULL)
        return;
    *reply = (MESSAGE(PictureReply))MESSAGE_INIT(PICTURE_REPLY);
    arena_picture(call->service->arena, cells, count);
    if (!fill_cells(call, reply, cells, count))
        return;
    reply->arena_base = call->service->config->arena_base;
    reply->arena_pages = call->service->config->arena_pages;
    call->response->picture = reply;
    call->response->reply_case = REPLY(PICTURE);
}
