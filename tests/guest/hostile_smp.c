/* SPDX-License-Identifier: MIT
 * Four CPUs make random calls for the same few windows at once, which also come and go, and touch
 * what may be mapped: each call has a status of the ABI, and after a reset nothing is left. */
/* vm: --vcpus 4 --object name=notes,size=64K --append 1 */
#include "hostile.h"
#include "reset_releases.h"

#define CPUS    4u
#define CALLS   250u
#define WINDOWS 3u
#define PAGES   8u

static uint64_t handles[WINDOWS];
static uint32_t object;
static uint32_t succeeded;
static uint32_t wrong;

static int some_call(struct hf_extent list[2])
{
    uint64_t *slot = &handles[hostile_below(WINDOWS)];
    const uint64_t handle = __atomic_load_n(slot, __ATOMIC_RELAXED);
    struct hf_reserve reserve = {.bytes = PAGES * 4096, .tag = TAG};
    struct hf_release release = {.window = handle, .tag = TAG};
    struct hf_unmap unmap = {.window = handle, .tag = TAG};
    struct hf_stat stat = {.window = handle};
    struct hf_flush flush = {.object = object};
    struct hf_discard discard = {
        .first = 1 + hostile_below(11), .pages = 1 + hostile_below(8), .object = object};
    struct hf_remap remap = {.map = {.window = handle,
                                     .page_offset = hostile_below(PAGES),
                                     .list = raw_gpa(list),
                                     .extents = (uint32_t)(1 + hostile_below(2)),
                                     .tag = TAG,
                                     .cache = (uint32_t)hostile_below(3)},
                             .old_offset = hostile_below(PAGES),
                             .old_pages = 1 + hostile_below(2)};
    int status;

    switch (hostile_below(14)) {
    case 0:
        status = CALL(RELEASE, release);
        if (status != HF_OK)
            return status;
        status = CALL(RESERVE, reserve);
        __atomic_store_n(slot, reserve.window, __ATOMIC_RELAXED);
        return status;
    case 1:
        return CALL(STAT, stat);
    case 2:
    case 3:
        list[1].object = object;
        return CALL(REMAP, remap);
    case 4:
    case 5:
    case 6:
    case 7:
        unmap.page_offset = hostile_below(PAGES);
        unmap.pages = 1 + hostile_below(2);
        return CALL(UNMAP, unmap);
    case 8:
        return CALL(FLUSH, flush);
    case 9:
        return CALL(DISCARD, discard);
    default:
        list[1].object = hostile_below(2) == 0 ? object : HF_RAM;
        return CALL(MAP, remap.map);
    }
}

static void work(void *argument)
{
    const struct hf_window *arena = argument;
    struct hf_extent list[2] = {{page_of(raw_pages), 1, HF_RAM}, {1, 1, HF_RAM}};

    for (unsigned i = 0; i < CALLS; i++) {
        const int status = some_call(list);
        if (!hostile_known((uint64_t)(int64_t)status)) {
            hf_printf("CPU %u, call %u: 0x%x\n", nano_cpu(), i, status);
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        }
        if (status == HF_OK)
            __atomic_fetch_add(&succeeded, 1, __ATOMIC_RELAXED);
        can_read((char *)arena->address + hostile_below(WINDOWS * PAGES) * 4096, NULL);
    }
}

int guest_main(void)
{
    struct hf_object_open opened;
    struct hf_info at_boot;
    struct notes *notes = reset_notes(&at_boot);

    CHECK(notes != NULL);
    if (notes->boots++ == 1) {
        CHECK_EQUAL(reset_check(notes, &at_boot), 0);
        return 0;
    }
    notes->all_free = at_boot;
    hostile_seed();
    CHECK_EQUAL(hf_object_open("notes", &opened), HF_OK);
    object = opened.id;

    /* This window gets page tables; it makes room for the others, which come to lie there. */
    CHECK_EQUAL(hf_reserve(WINDOWS * PAGES * 4096, TAG, 0, 0, &notes->old), HF_OK);
    struct hf_window arena = notes->old;
    CHECK_EQUAL(hf_release(&notes->old), HF_OK);
    for (unsigned i = 0; i < WINDOWS; i++) {
        struct hf_reserve reserve = {.bytes = PAGES * 4096, .tag = TAG};
        CHECK_EQUAL(CALL(RESERVE, reserve), HF_OK);
        CHECK_EQUAL(reserve.base.value, arena.base.value + i * PAGES * 4096);
        handles[i] = reserve.window;
    }
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_run_on(cpu, work, &arena);
    work(&arena);
    for (uint32_t cpu = 1; cpu < CPUS; cpu++)
        nano_wait_for(cpu);
    CHECK_EQUAL(wrong, 0);
    CHECK(succeeded > CPUS * CALLS / 10);
    notes->old = arena;
    nano_reset();
}
