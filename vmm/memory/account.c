/* SPDX-License-Identifier: MIT
 * What the windows may cost the kernel, and the ballast for it. */
#include "calibrate.h"
#include "layout.h"
#include "vmm/cause.h"
#include "vmm/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* What the kernel charges for an isolated extent was measured at 416 to 494 bytes; as much again
 * for what it frees only later. For each piece of 2 MiB one page table of the second level and two
 * of the host, whose pieces begin in the middle of the guest's (LARGE_APART); and for the kernel's
 * own batches. */
#define EXTENT_COST 1024u
#define PIECE_COST  12288u
#define BASE_COST   (256u << 10)
#define COST_ALIGN  64u

static void decide_cost(struct memory *memory, bool calibrate)
{
    memory->extent_cost = EXTENT_COST;
    if (!calibrate)
        return;
    memory->extent_measured = calibrate_extent(memory->ram_fd, memory->ram_bytes);
    if (memory->extent_measured == 0)
        log_line("--calibrate: the memory cgroup does not tell what an extent costs, or others are "
                 "charged to it, too; %u bytes are set aside for each",
                 EXTENT_COST);
    else
        memory->extent_cost =
            (2 * memory->extent_measured + COST_ALIGN - 1) / COST_ALIGN * COST_ALIGN;
}

static size_t room_for(const struct memory *memory, const struct memory_config *config)
{
    const uint64_t all = memory->arena_bytes / (PIECE_PAGES * HF_PAGE_SIZE) + 1;
    const uint64_t pieces = config->tables > 0 && config->tables < all ? config->tables : all;

    return BASE_COST + (size_t)config->extents * memory->extent_cost + pieces * PIECE_COST;
}

int account_open(struct memory *memory, const struct memory_config *config, struct error *error)
{
    decide_cost(memory, config->calibrate);
    const size_t room = room_for(memory, config);
    /* Where RAM could not be locked, the ballast cannot be, either. */
    if (ballast_init(&memory->ballast, room, memory->ram_locked, &memory->injection) < 0)
        return error_set(error, "no address space for %zu bytes of ballast: %s", room,
                         cause_text(errno));
    memory->ballast.must_lock = memory->guarantee == GUARANTEE_STRICT;
    if (memory->guarantee == GUARANTEE_OFF)
        return 0;
    ballast_want(&memory->ballast, BASE_COST);
    if (ballast_resize(&memory->ballast) < 0)
        return error_set(error, "no memory for the first %u bytes of ballast: %s", BASE_COST,
                         cause_text(errno));
    return 0;
}

void memory_account(struct memory *memory, int64_t extents, int64_t pieces)
{
    if (memory->guarantee != GUARANTEE_OFF)
        ballast_want(&memory->ballast, extents * memory->extent_cost + pieces * PIECE_COST);
}

int memory_resize_ballast(struct memory *memory)
{
    return memory->guarantee != GUARANTEE_OFF ? ballast_resize(&memory->ballast) : 0;
}

static void add_objects(const struct memory *memory, struct memory_account *account)
{
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS; slot++) {
        const struct object *object = &memory->object[slot];
        if (object->fd < 0 || !object->in_memory)
            continue;
        account->objects_in_memory += object->bytes;
        account->objects_made += object->made ? object->bytes : 0;
    }
}

void memory_accounts(const struct memory *memory, struct memory_account *account)
{
    *account = (struct memory_account){
        .wanted = atomic_load(&memory->ballast.wanted),
        .held = atomic_load(&memory->ballast.held),
        .room = memory->ballast.room,
        .times_lent = atomic_load(&memory->ballast.times_lent),
        .lent = atomic_load(&memory->ballast.lent) != BALLAST_KEPT,
        .ram_tables = memory->ram_tables.pieces,
        .ram_tables_ahead = memory->ram_tables.ahead,
        .ram_tables_bytes = atomic_load(&memory->ram_tables.ballast.held),
        .ram_tables_covered = memory->ram_tables.covered,
        .extent_cost = memory->guarantee != GUARANTEE_OFF ? memory->extent_cost : 0,
        .extent_measured = memory->extent_measured,
    };
    add_objects(memory, account);
}
