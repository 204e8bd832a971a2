/* SPDX-License-Identifier: MIT
 * Replies about windows, objects and the arena. */
#include "vmm/client/reply.h"

bool describe_windows(struct reply *reply, const MESSAGE(ListWindowsReply) * windows)
{
    const size_t count = windows->n_windows;
    struct holdfast_windows_reply *seen = REPLY_MAKE(reply, holdfast_windows_reply);
    struct holdfast_window **list =
        (struct holdfast_window **)reply_array(reply, count, sizeof(struct holdfast_window));
    if (seen == NULL || list == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const MESSAGE(Window) *window = windows->windows[i];
        *list[i] = (struct holdfast_window){
            .handle = window->handle,
            .address = window->address,
            .pages = window->pages,
            .mapped_pages = window->mapped_pages,
            .tag = window->tag,
            .flags = window->flags,
            .max_extents = window->max_extents,
            .extents = window->extents,
            .mappings = window->mappings,
            .maps = window->maps,
            .unmaps = window->unmaps,
            .faults = window->faults,
        };
    }
    *seen = (struct holdfast_windows_reply){
        .windows = (const struct holdfast_window *const *)list,
        .windows_count = count,
        .next = windows->next,
    };
    reply->seen.windows = seen;
    return true;
}

bool describe_objects(struct reply *reply, const MESSAGE(ListObjectsReply) * objects)
{
    const size_t count = objects->n_objects;
    struct holdfast_objects_reply *seen = REPLY_MAKE(reply, holdfast_objects_reply);
    struct holdfast_object **list =
        (struct holdfast_object **)reply_array(reply, count, sizeof(struct holdfast_object));
    if (seen == NULL || list == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const MESSAGE(Object) *object = objects->objects[i];
        *list[i] = (struct holdfast_object){
            .id = object->id,
            .name = object->name,
            .bytes = object->bytes,
            .writable = object->writable,
            .extents = object->extents,
            .source = object->source,
            .kind = object->kind,
        };
    }
    *seen = (struct holdfast_objects_reply){
        .objects = (const struct holdfast_object *const *)list,
        .objects_count = count,
    };
    reply->seen.objects = seen;
    return true;
}

bool describe_picture(struct reply *reply, const MESSAGE(PictureReply) * picture)
{
    const size_t count = picture->n_cells;
    struct holdfast_picture_reply *seen = REPLY_MAKE(reply, holdfast_picture_reply);
    struct holdfast_cell **list =
        (struct holdfast_cell **)reply_array(reply, count, sizeof(struct holdfast_cell));
    if (seen == NULL || list == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const MESSAGE(Cell) *cell = picture->cells[i];
        *list[i] = (struct holdfast_cell){
            .pages = cell->pages, .reserved = cell->reserved, .mapped = cell->mapped};
    }
    *seen = (struct holdfast_picture_reply){
        .arena_base = picture->arena_base,
        .arena_pages = picture->arena_pages,
        .cells = (const struct holdfast_cell *const *)list,
        .cells_count = count,
    };
    reply->seen.picture = seen;
    return true;
}
