/* SPDX-License-Identifier: MIT
 * MAP, UNMAP and REMAP. */
#include "guest/lib/list.h"
#include "guest/lib/page_state.h"
#include "guest/lib/submit.h"
#include "holdfast/guest.h"

/* What the caller wants mapped, without the list's place. */
static struct hf_map map_call(const struct hf_window *window, uint64_t page_offset, uint32_t count,
                              uint32_t flags, const enum hf_cache *cache)
{
    return (struct hf_map){
        .window = window->handle,
        .page_offset = page_offset,
        .extents = count,
        .tag = window->tag,
        .flags = flags,
        .cache = cache != NULL ? (uint32_t)*cache : (uint32_t)HF_CACHE_CACHED,
    };
}

/* MAP or REMAP: map is, or begins, the call's structure of so many bytes. */
__attribute__((always_inline)) static inline int submit(enum hf_call call, struct hf_map *map,
                                                        size_t bytes, const struct hf_extent *list)
{
    int status;

    if (!hf_is_ready())
        return HF_GUEST_NOT_READY;
    if (map->extents > HF_LIST_COPIED) {
        status = hf_list_find(list, map->extents, &map->list);
        return status == HF_OK ? hf_submit(call, map, bytes) : status;
    }
    struct hf_arguments arguments = hf_arguments_pin();
    map->list = hf_list_copy(&arguments, bytes, list, map->extents);
    status = hf_submit_pinned(&arguments, call, map, bytes);
    hf_arguments_unpin(&arguments);
    return status;
}

/* Tells the caller and the page tables what a successful MAP or REMAP brought about. */
static void mapped(struct hf_window *window, const struct hf_map *call, enum hf_cache *cache,
                   void **address)
{
    enum hf_cache in_force = (enum hf_cache)call->cache;

    hf_page_state_set(window, call->page_offset, call->pages, in_force,
                      !(call->flags & HF_MAP_READ_ONLY));
    if (cache != NULL)
        *cache = in_force;
    if (address != NULL)
        *address = (char *)window->address + call->page_offset * HF_PAGE_SIZE;
}

int hf_map(struct hf_window *window, uint64_t page_offset, const struct hf_extent *list,
           uint32_t count, uint32_t flags, enum hf_cache *cache, void **address)
{
    struct hf_map call = map_call(window, page_offset, count, flags, cache);
    int status = submit(HF_CALL_MAP, &call, sizeof call, list);

    if (status == HF_OK)
        mapped(window, &call, cache, address);
    return status;
}

int hf_unmap(struct hf_window *window, uint64_t page_offset, uint64_t pages)
{
    struct hf_unmap call = {
        .window = window->handle, .page_offset = page_offset, .pages = pages, .tag = window->tag};

    return hf_submit(HF_CALL_UNMAP, &call, sizeof call);
}

int hf_remap(struct hf_window *window, uint64_t old_offset, uint64_t old_pages,
             uint64_t page_offset, const struct hf_extent *list, uint32_t count, uint32_t flags,
             enum hf_cache *cache, void **address)
{
    struct hf_remap call = {.map = map_call(window, page_offset, count, flags, cache),
                            .old_offset = old_offset,
                            .old_pages = old_pages};
    int status = submit(HF_CALL_REMAP, &call.map, sizeof call, list);

    if (status == HF_OK)
        mapped(window, &call.map, cache, address);
    return status;
}
