/* SPDX-License-Identifier: MIT
 * RESERVE and RELEASE. */
#include "room.h"

/* Sets aside what the host needs for a window: ballast, second-level tables. Allocates. */
static bool set_aside(struct arena *arena, const struct arena_caller *caller,
                      const struct window_state *state)
{
    struct arena_call it = call_begin(arena, caller, "RESERVE", false);

    if (memory_resize_ballast(arena->memory) < 0)
        return false;
    const bool made =
        !memory_can_prefault(arena->memory) ||
        memory_prefault(arena->memory, state->arena_page, state->pages, &it.memory) == 0;
    rescue_clear(&it);
    return made;
}

static enum hf_status reserve(struct arena *arena, const struct arena_caller *caller,
                              struct hf_reserve *call)
{
    const struct reserve_request request = {
        .bytes = call->bytes,
        .tag = call->tag,
        .flags = call->flags,
        .max_extents = call->max_extents,
    };
    struct window *window;
    struct window_state state;

    pthread_mutex_lock(&arena->lock);
    enum hf_status status = windows_reserve(arena->windows, &request, &window);
    if (status == HF_OK) {
        window_describe(window, &state);
        arena_charge(arena);
    }
    pthread_mutex_unlock(&arena->lock);
    if (status != HF_OK)
        return status;

    /* Without the lock: this allocates, and nobody else can find the window yet. */
    if (!set_aside(arena, caller, &state))
        status = HF_NO_RESOURCES;

    pthread_mutex_lock(&arena->lock);
    if (status == HF_OK) {
        windows_publish(arena->windows, window);
    } else {
        windows_abandon(arena->windows, window);
        arena_charge(arena);
    }
    pthread_mutex_unlock(&arena->lock);
    if (status != HF_OK)
        memory_resize_ballast(arena->memory); /* gives back what was had in vain */

    call->max_extents = state.max_extents;
    call->window = state.handle;
    call->base.value = state.arena_page * HF_PAGE_SIZE;
    call->pages = state.pages;
    return status;
}

enum hf_status arena_reserve(struct arena *arena, const struct arena_caller *caller,
                             struct hf_reserve *call)
{
    struct arena_call it = call_begin(arena, caller, "RESERVE", true);

    /* One after the other: a call must not be refused for what another one, which is refused, too,
     * has only for a moment. */
    pthread_mutex_lock(&arena->lock);
    const bool has_turn = call_begin_reserve(&it);
    call_end(&it);
    pthread_mutex_unlock(&arena->lock);
    if (!has_turn)
        return GIVEN_UP;
    const enum hf_status status = reserve(arena, caller, call);
    pthread_mutex_lock(&arena->lock);
    arena->is_reserving = false;
    pthread_mutex_unlock(&arena->lock);
    return status;
}

enum hf_status arena_release(struct arena *arena, const struct arena_caller *caller,
                             const struct hf_release *call)
{
    struct arena_call it = call_begin(arena, caller, "RELEASE", true);
    struct window *window;
    enum hf_status status;
    enum call_turn turn = CALL_GOES_ON;

    pthread_mutex_lock(&arena->lock);
    do {
        status = windows_decide_release(arena->windows, call->window, call->tag, &window);
        if (status == HF_OK)
            turn = call_take_turn(&it, window);
    } while (status == HF_OK && turn == CALL_DECIDES_ANEW);
    if (turn == CALL_IS_OVER)
        status = GIVEN_UP;
    if (status == HF_OK) {
        windows_commit_release(arena->windows, window);
        arena_charge(arena);
    }
    call_end(&it);
    pthread_mutex_unlock(&arena->lock);
    return status;
}
