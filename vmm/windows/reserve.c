/* SPDX-License-Identifier: MIT
 * RESERVE and RELEASE: the life of a window. */
#include "table.h"

static enum hf_status check_request(const struct reserve_request *request, uint32_t *pages)
{
    uint64_t whole = request->bytes / HF_PAGE_SIZE + (request->bytes % HF_PAGE_SIZE != 0);

    if (request->bytes == 0)
        return HF_RESERVE_NOTHING;
    if (request->tag == 0)
        return HF_BAD_TAG;
    if (request->flags & ~HF_RESERVE_DIVISIBLE)
        return HF_BAD_FLAGS;
    if (whole > UINT32_MAX)
        return HF_TOO_LARGE;
    *pages = (uint32_t)whole;
    return HF_OK;
}

/* Whether every budget has room for a window. */
static bool find_room(const struct windows *windows, const struct reserve_request *request,
                      const struct tag *owner, const struct tag_amounts *wanted,
                      struct window **slot, struct fit *fit)
{
    if (!tag_allows(owner, wanted) ||
        wanted->extents > windows->limits.extents - windows->extents_reserved)
        return false;
    const bool divisible = (request->flags & HF_RESERVE_DIVISIBLE) != 0;
    const uint64_t pieces = windows->limits.pieces - windows->pieces;
    *slot = slots_peek(windows);
    if (*slot == NULL || !space_find(&windows->space, wanted->pages, divisible, fit))
        return false;
    return space_pieces_wanted(&windows->space, fit, wanted->pages) <= pieces ||
           space_find_within(&windows->space, wanted->pages, divisible, pieces, fit);
}

static void take_room(struct windows *windows, const struct reserve_request *request,
                      struct tag *owner, const struct tag_amounts *wanted, struct window *slot,
                      const struct fit *fit)
{
    slots_take(windows, slot);
    slot->tag = request->tag;
    slot->owner = owner;
    slot->flags = request->flags;
    slot->max_extents = (uint32_t)wanted->extents;
    space_insert(&windows->space, fit, &slot->span, wanted->pages);
    windows->pieces += space_pieces_alone(&windows->space, &slot->span);
    extents_set_aside(windows, slot->max_extents, &slot->spare);
    tags_charge(&windows->tags, owner, wanted);
}

enum hf_status windows_reserve(struct windows *windows, const struct reserve_request *request,
                               struct window **window)
{
    struct tag_amounts wanted = {.windows = 1};
    struct window *slot;
    struct fit fit;
    uint32_t pages;
    enum hf_status status = check_request(request, &pages);

    if (status != HF_OK)
        return status;
    wanted.pages = pages;
    wanted.extents =
        request->max_extents == 0 || request->max_extents > pages ? pages : request->max_extents;
    struct tag *owner = tags_enter(&windows->tags, request->tag);
    if (owner == NULL)
        return HF_NO_RESOURCES;
    if (!find_room(windows, request, owner, &wanted, &slot, &fit)) {
        tags_count_refused(&windows->tags, owner);
        return HF_NO_RESOURCES;
    }
    take_room(windows, request, owner, &wanted, slot, &fit);
    *window = slot;
    return HF_OK;
}

void windows_publish(struct windows *windows, struct window *window)
{
    window->published = true;
    windows->reserves++;
    tag_note_high(window->owner);
}

static void give_back(struct windows *windows, struct window *window)
{
    const struct tag_amounts held = {
        .windows = 1, .pages = window->span.pages, .extents = window->max_extents};

    tags_discharge(&windows->tags, window->owner, &held);
    windows->pieces -= space_pieces_alone(&windows->space, &window->span);
    space_remove(&windows->space, &window->span);
    extents_give_back(windows, &window->spare);
    windows->extents_reserved -= window->max_extents;
    slots_put(windows, window);
}

void windows_abandon(struct windows *windows, struct window *window)
{
    struct tag *owner = window->owner;

    give_back(windows, window);
    tags_count_refused(&windows->tags, owner);
}

enum hf_status windows_decide_release(const struct windows *windows, uint64_t handle, uint32_t tag,
                                      struct window **window)
{
    struct window *found = windows_find(windows, handle);

    if (found == NULL)
        return HF_RELEASE_NO_WINDOW;
    if (found->tag != tag)
        return HF_RELEASE_WRONG_TAG;
    if (found->mappings > 0)
        return HF_RELEASE_MAPPED;
    *window = found;
    return HF_OK;
}

void windows_commit_release(struct windows *windows, struct window *window)
{
    give_back(windows, window);
    windows->releases++;
}
