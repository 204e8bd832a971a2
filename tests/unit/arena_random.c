/* SPDX-License-Identifier: MIT
 * The host follows the table: after every call of a long random run, each page of the arena shows
 * just what a simple model says, with the right access, and everything else is closed. All the
 * while the host refuses one thing or another, up to 20 times in a row: no MAP, UNMAP, REMAP or
 * RELEASE is refused for that. */
#include "host_fakes.h"
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/operators.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define TAG          0x54455354u
#define OBJECT_PAGES 8u
#define WINDOWS      6u
#define OPERATIONS   4000u

/* What a page of the arena shows: 0 nothing, else 1 + page of RAM, or OBJECT_BASE + page. */
#define OBJECT_BASE 1000u

struct shown {
    uint32_t page;
    bool writable;
};

struct mapping {
    bool used;
    uint64_t offset, pages;
};

struct owned {
    bool used;
    struct hf_reserve it;
    struct mapping mapping[4];
};

static struct shown model[ARENA_PAGES];
static struct owned owned[WINDOWS];
static uint64_t seed;
static uint32_t object_id;

static uint32_t pick(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % below;
}

static void attach_object(struct arena *arena, struct memory *memory)
{
    const struct object_spec spec = {.name = "object", .bytes = OBJECT_PAGES * HF_PAGE_SIZE};
    struct hf_object_open open = {.name = "object"};
    struct error error;

    assert_int_equal(arena_attach(arena, &spec, NULL, &error), 0);
    assert_int_equal(arena_object_open(arena, &open), HF_OK);
    object_id = open.id;
    for (uint64_t page = 0; page < OBJECT_PAGES; page++) {
        const uint64_t mark = OBJECT_BASE + page;
        assert_int_equal(
            pwrite(memory->object[1].fd, &mark, sizeof mark, (off_t)(page * HF_PAGE_SIZE)),
            sizeof mark);
    }
}

static void check_everything(const struct memory *memory)
{
    for (uint64_t page = 0; page < ARENA_PAGES; page++) {
        uint8_t *at = memory->arena + page * HF_PAGE_SIZE;
        uint64_t seen;
        assert_int_equal(readable(at), model[page].page != 0);
        if (model[page].page == 0)
            continue;
        memcpy(&seen, at, sizeof seen);
        assert_int_equal(seen,
                         model[page].page >= OBJECT_BASE ? model[page].page : model[page].page - 1);
        assert_int_equal(writable(at), model[page].writable);
    }
}

/* A list in the last page of RAM, which no list maps. */
static uint32_t make_list(const struct memory *memory, uint64_t room, uint64_t *pages,
                          struct shown *shows, bool read_only)
{
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE + 8);
    uint32_t count = 0;

    *pages = 0;
    while (count < 4 && *pages < room && (count == 0 || pick(3) > 0)) {
        const bool object = pick(3) == 0;
        const uint32_t all = object ? OBJECT_PAGES : RAM_PAGES - 1;
        const uint32_t first = pick(all);
        uint32_t length = 1 + pick(3);
        if (length > all - first)
            length = all - first;
        if (length > room - *pages)
            length = (uint32_t)(room - *pages);
        list[count++] = (struct hf_extent){first, length, object ? object_id : HF_RAM};
        for (uint32_t i = 0; i < length; i++)
            shows[(*pages)++] =
                (struct shown){object ? OBJECT_BASE + first + i : 1 + first + i, !read_only};
    }
    return count;
}

static struct hf_map map_call(const struct owned *window, uint64_t offset, uint32_t extents,
                              bool read_only)
{
    return (struct hf_map){
        .window = window->it.window,
        .page_offset = offset,
        .list = {(RAM_PAGES - 1) * HF_PAGE_SIZE + 8},
        .extents = extents,
        .tag = TAG,
        .flags = read_only ? HF_MAP_READ_ONLY : 0,
        .cache = pick(3),
    };
}

static struct shown *model_of(const struct owned *window, uint64_t offset)
{
    return &model[window->it.base.value / HF_PAGE_SIZE - ARENA_PAGE + offset];
}

static bool is_free(const struct owned *window, uint64_t offset, uint64_t pages,
                    const struct mapping *without)
{
    for (size_t i = 0; i < 4; i++) {
        const struct mapping *it = &window->mapping[i];
        if (it->used && it != without && it->offset < offset + pages &&
            offset < it->offset + it->pages)
            return false;
    }
    return true;
}

static struct mapping *free_mapping(struct owned *window)
{
    for (size_t i = 0; i < 4; i++)
        if (!window->mapping[i].used)
            return &window->mapping[i];
    return NULL;
}

static void reserve(struct arena *arena, struct owned *window)
{
    *window = (struct owned){.it = {.bytes = (1 + pick(12)) * HF_PAGE_SIZE, .tag = TAG}};
    window->used = arena_reserve(arena, &no_vcpu, &window->it) == HF_OK;
}

static void map(struct arena *arena, const struct memory *memory, struct owned *window)
{
    struct shown shows[ARENA_PAGES];
    struct mapping *mapping = free_mapping(window);
    const uint64_t offset = pick((uint32_t)window->it.pages);
    const bool read_only = pick(2) == 0;
    uint64_t pages;

    if (mapping == NULL)
        return;
    const uint32_t count = make_list(memory, window->it.pages - offset, &pages, shows, read_only);
    struct hf_map call = map_call(window, offset, count, read_only);
    const enum hf_status status = arena_map(arena, &no_vcpu, &call);
    if (!is_free(window, offset, pages, NULL)) {
        assert_int_equal(status, HF_MAP_OVERLAP);
        return;
    }
    assert_int_equal(status, HF_OK);
    assert_int_equal(call.address.value, window->it.base.value + offset * HF_PAGE_SIZE);
    *mapping = (struct mapping){true, offset, pages};
    memcpy(model_of(window, offset), shows, pages * sizeof shows[0]);
}

static void clear(const struct owned *window, const struct mapping *mapping)
{
    memset(model_of(window, mapping->offset), 0, mapping->pages * sizeof model[0]);
}

static void unmap(struct arena *arena, struct owned *window, struct mapping *mapping)
{
    const struct hf_unmap call = {window->it.window, mapping->offset, mapping->pages, TAG, 0};

    assert_int_equal(arena_unmap(arena, &no_vcpu, &call), HF_OK);
    clear(window, mapping);
    mapping->used = false;
}

static void remap(struct arena *arena, const struct memory *memory, struct owned *window,
                  struct mapping *mapping)
{
    struct shown shows[ARENA_PAGES];
    const uint64_t offset = pick((uint32_t)window->it.pages);
    uint64_t pages;
    const uint32_t count = make_list(memory, window->it.pages - offset, &pages, shows, false);
    struct hf_remap call = {map_call(window, offset, count, false), mapping->offset,
                            mapping->pages};

    const enum hf_status status = arena_remap(arena, &no_vcpu, &call);
    if (!is_free(window, offset, pages, mapping)) {
        assert_int_equal(status, HF_MAP_OVERLAP);
        return;
    }
    assert_int_equal(status, HF_OK);
    clear(window, mapping);
    *mapping = (struct mapping){true, offset, pages};
    memcpy(model_of(window, offset), shows, pages * sizeof shows[0]);
}

static void release(struct arena *arena, struct owned *window)
{
    const struct hf_release call = {window->it.window, TAG, 0};
    const bool mapped = !is_free(window, 0, window->it.pages, NULL);

    assert_int_equal(arena_release(arena, &no_vcpu, &call), mapped ? HF_RELEASE_MAPPED : HF_OK);
    window->used = mapped;
}

static void detach_and_attach(struct arena *arena, struct memory *memory)
{
    bool in_use = false;

    for (size_t page = 0; page < ARENA_PAGES; page++)
        in_use |= model[page].page >= OBJECT_BASE;
    assert_int_equal(arena_detach(arena, "object", false), in_use ? ARENA_IN_USE : ARENA_DETACHED);
    if (in_use)
        assert_int_equal(arena_detach(arena, "object", true), ARENA_DETACHED);
    for (size_t page = 0; page < ARENA_PAGES; page++)
        if (model[page].page >= OBJECT_BASE)
            model[page].page = 0;
    attach_object(arena, memory);
}

static void injure(struct memory *memory)
{
    if (pick(3) == 0)
        injection_set_after(memory_injection(memory), pick(PRIMITIVES), pick(5), 1 + pick(20));
}

static void one_operation(struct arena *arena, struct memory *memory)
{
    struct owned *window = &owned[pick(WINDOWS)];
    struct mapping *mapping = &window->mapping[pick(4)];
    const uint32_t dice = pick(100);

    if (dice == 0) {
        arena_reset(arena, &no_vcpu);
        memset(model, 0, sizeof model);
        memset(owned, 0, sizeof owned);
    } else if (dice <= 2) {
        detach_and_attach(arena, memory);
    } else if (!window->used) {
        reserve(arena, window);
    } else if (dice < 50) {
        map(arena, memory, window);
    } else if (dice < 60) {
        release(arena, window);
    } else if (mapping->used && dice < 80) {
        unmap(arena, window, mapping);
    } else if (mapping->used) {
        remap(arena, memory, window, mapping);
    }
}

static void the_host_follows_the_table(void **state)
{
    struct memory *memory = make_memory();
    const struct arena_config config = {.windows = WINDOWS};
    const char *wanted = getenv("HOLDFAST_SEED");
    struct error error;
    struct arena *arena = arena_create(memory, &config, &error);

    (void)state;
    assert_non_null(arena);
    seed = wanted != NULL ? strtoull(wanted, NULL, 0) : 0x9e3779b97f4a7c15u;
    print_message("HOLDFAST_SEED=0x%llx\n", (unsigned long long)seed);
    set_aside(memory);
    attach_object(arena, memory);
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        injure(memory);
        one_operation(arena, memory);
        check_everything(memory);
    }
    assert_true(atomic_load(&memory_injection(memory)->injected) > OPERATIONS / 2);
    arena_destroy(arena);
    object_close(&memory->object[1]);
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_follows_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
