/* SPDX-License-Identifier: MIT
 * Calls that change nothing: OBJECT_OPEN and STAT. */
#include "room.h"

#include <string.h>

enum hf_status arena_object_open(struct arena *arena, struct hf_object_open *call)
{
    enum hf_status status = HF_NO_OBJECT;

    if (memchr(call->name, '\0', sizeof call->name) == NULL)
        return HF_NO_OBJECT;
    pthread_mutex_lock(&arena->lock);
    const uint32_t slot = backings_by_name(&arena->backings, call->name);
    if (slot != 0) {
        const struct backing *backing = &arena->backings.object[slot];
        call->bytes = backing->bytes;
        call->id = backing->id;
        call->rights = backing->writable ? HF_OBJECT_WRITABLE : 0;
        status = HF_OK;
    }
    pthread_mutex_unlock(&arena->lock);
    return status;
}

enum hf_status arena_stat(struct arena *arena, struct hf_stat *call)
{
    struct window_state state;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = windows_stat(arena->windows, call->window, &state);
    pthread_mutex_unlock(&arena->lock);
    if (status == HF_OK)
        *call = (struct hf_stat){
            .window = state.handle,
            .base = {state.arena_page * HF_PAGE_SIZE},
            .pages = state.pages,
            .mapped_pages = state.mapped_pages,
            .tag = state.tag,
            .flags = state.flags,
            .max_extents = state.max_extents,
            .extents = state.extents,
            .mappings = state.mappings,
            .maps = state.maps,
            .unmaps = state.unmaps,
            .faults = state.faults,
        };
    return status;
}
