/* SPDX-License-Identifier: MIT
 * RESERVE and RELEASE: the life of a window. */
#include "internal.h"

static enum hf_status check_wish(const struct window_wish *wish, uint32_t *pages)
{
    uint64_t whole = wish->bytes / HF_PAGE_SIZE + (wish->bytes % HF_PAGE_SIZE != 0);

    if (wish->bytes == 0)
        return HF_RESERVE_NOTHING;
    if (wish->tag == 0)
        return HF_BAD_TAG;
    if (wish->flags & ~HF_RESERVE_DIVISIBLE)
        return HF_BAD_FLAGS;
    if (whole > UINT32_MAX)
        return HF_TOO_LARGE;
    *pages = (uint32_t)whole;
    return HF_OK;
}

enum hf_status windows_reserve(struct windows *windows, const struct window_wish *wish,
                               struct window **window)
{
    uint32_t pages;
    uint32_t extents = wish->max_extents;
    struct window *slot;
    struct place place;
    enum hf_status status = check_wish(wish, &pages);

    if (status != HF_OK)
        return status;
    if (extents == 0 || extents > pages)
        extents = pages;
    if (extents > windows->limits.extents - windows->extents_reserved)
        return HF_NO_RESOURCES;
    slot = slots_peek(windows);
    if (!slot)
        return HF_NO_RESOURCES;
    if (!space_find(&windows->space, pages, wish->flags & HF_RESERVE_DIVISIBLE, &place))
        return HF_NO_RESOURCES;

    slots_take(windows, slot);
    slot->tag = wish->tag;
    slot->flags = wish->flags;
    slot->max_extents = extents;
    space_insert(&windows->space, &place, &slot->span, pages);
    extents_set_aside(windows, extents, &slot->spare);
    *window = slot;
    return HF_OK;
}

void windows_publish(struct windows *windows, struct window *window)
{
    window->published = true;
    windows->reserves++;
}

void windows_abandon(struct windows *windows, struct window *window)
{
    space_remove(&windows->space, &window->span);
    extents_give_back(windows, &window->spare);
    windows->extents_reserved -= window->max_extents;
    slots_put(windows, window);
}

enum hf_status windows_decide_release(const struct windows *windows, uint64_t handle, uint32_t tag,
                                      struct window **window)
{
    struct window *found = windows_find(windows, handle);

    if (!found)
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
    windows_abandon(windows, window);
    windows->releases++;
}
