/* SPDX-License-Identifier: MIT
 * The budgets of RESERVE, and what each tag has of them. */
#include "room.h"

static uint32_t met(const struct arena *arena, const struct memory_account *ballast)
{
    const struct memory *memory = arena->memory;
    const bool whole = !ballast->lent && ballast->held >= ballast->wanted;
    uint32_t flags = 0;

    if (memory_ram_is_made(memory))
        flags |= HF_GUARANTEE_RAM_MADE;
    if (memory_ram_is_locked(memory))
        flags |= HF_GUARANTEE_RAM_LOCKED;
    if (arena->process.program_locked)
        flags |= HF_GUARANTEE_VMM_LOCKED;
    if (arena->process.oom_protected)
        flags |= HF_GUARANTEE_OOM_PROTECTED;
    if (memory_guarantee(memory) != GUARANTEE_OFF && whole)
        flags |= HF_GUARANTEE_BALLAST;
    if (memory_can_prefault(memory))
        flags |= HF_GUARANTEE_TABLES_AHEAD;
    if (ballast->ram_tables_covered)
        flags |= HF_GUARANTEE_RAM_TABLES;
    if (memory_guarantee(memory) != GUARANTEE_OFF &&
        ballast->objects_made == ballast->objects_in_memory)
        flags |= HF_GUARANTEE_OBJECTS_MADE;
    return flags;
}

/* The budgets of the window table. */
static void tell_totals(struct arena_accounts *accounts, const struct windows_totals *now)
{
    accounts->arena = (struct arena_account){now->arena_pages - now->arena_free, now->mapped_pages,
                                             now->arena_pages};
    accounts->windows = (struct arena_account){now->windows, now->windows, now->windows_max};
    accounts->extents =
        (struct arena_account){now->extents_reserved, now->extents, now->extents_max};
    accounts->vmas = (struct arena_account){
        (uint64_t)now->extents_reserved * ARENA_VMAS_A_EXTENT,
        (uint64_t)now->extents * ARENA_VMAS_A_EXTENT,
        (uint64_t)now->extents_max * ARENA_VMAS_A_EXTENT,
    };
}

void accounts_read(struct arena *arena, struct arena_accounts *accounts)
{
    struct memory *memory = arena->memory;
    struct memory_account ballast;
    struct windows_totals now;

    windows_totals(arena->windows, &now);
    memory_accounts(memory, &ballast);
    tell_totals(accounts, &now);
    accounts->tables = (struct arena_account){
        .held = now.pieces,
        .in_use = memory_can_prefault(memory) ? now.pieces : 0,
        .limit = now.pieces_max,
    };
    accounts->ram_tables = (struct arena_account){
        .held = ballast.ram_tables_covered ? ballast.ram_tables : ballast.ram_tables_ahead,
        .in_use = ballast.ram_tables_ahead,
        .limit = ballast.ram_tables,
    };
    accounts->object_memory = (struct arena_account){
        .held = ballast.objects_made,
        .in_use = ballast.objects_made,
        .limit = ballast.objects_in_memory,
    };
    accounts->ballast = (struct arena_account){
        .held = ballast.wanted,
        .in_use = ballast.lent ? ballast.held : 0,
        .limit = ballast.room,
    };
    accounts->mode = memory_guarantee(memory);
    accounts->met = met(arena, &ballast);
    accounts->vmas_process = arena->vmas;
    accounts->ballast_taken = ballast.held;
    accounts->times_lent = ballast.times_lent;
    accounts->extent_cost = ballast.extent_cost;
    accounts->extent_measured = ballast.extent_measured;
}

void arena_accounts(struct arena *arena, struct arena_accounts *accounts)
{
    pthread_mutex_lock(&arena->lock);
    accounts_read(arena, accounts);
    pthread_mutex_unlock(&arena->lock);
}

int arena_set_quota(struct arena *arena, uint32_t tag, const struct tag_amounts *quota,
                    struct error *error)
{
    if (tag == 0)
        return error_set(error, "no window can have tag 0, and tag 0 no quota");
    pthread_mutex_lock(&arena->lock);
    const bool set = windows_set_quota(arena->windows, tag, quota);
    pthread_mutex_unlock(&arena->lock);
    if (!set)
        return error_set(error,
                         "no room for one more tag: %u have windows or quotas; take a quota away",
                         ARENA_TAGS);
    return 0;
}

uint32_t tags_read(struct arena *arena, uint32_t from, struct tag_state *states, uint32_t room)
{
    uint32_t count = 0;
    uint64_t next = from;

    while (count < room && next <= UINT32_MAX &&
           windows_next_tag(arena->windows, (uint32_t)next, &states[count]))
        next = (uint64_t)states[count++].tag + 1;
    return count;
}

uint32_t arena_tags(struct arena *arena, uint32_t from, struct tag_state *states, uint32_t room)
{
    pthread_mutex_lock(&arena->lock);
    const uint32_t count = tags_read(arena, from, states, room);
    pthread_mutex_unlock(&arena->lock);
    return count;
}
