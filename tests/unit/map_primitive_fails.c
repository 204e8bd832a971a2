/* SPDX-License-Identifier: MIT
 * MAP, REMAP and UNMAP go through although one of their system calls fails, whichever it is and
 * however often, and afterwards the arena shows what it should. */
#include "host_fakes.h"
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"

#include <stdatomic.h>

#define TAG     0x54455354u
#define EXTENTS 4u
#define TIMES   20u

static struct hf_reserve window;

static uint64_t write_list(struct memory *memory, uint64_t first)
{
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);

    for (uint32_t i = 0; i < EXTENTS; i++)
        list[i] = (struct hf_extent){first + 2 * i, 1, HF_RAM};
    return (RAM_PAGES - 1) * HF_PAGE_SIZE;
}

static void assert_shows(const struct memory *memory, uint64_t offset, uint64_t first)
{
    for (uint64_t page = 0; page < window.pages; page++) {
        const uint8_t *at =
            memory->arena + (window.base.value - memory->arena_base) + page * HF_PAGE_SIZE;
        const bool mapped = page >= offset && page < offset + EXTENTS;
        uint64_t seen;
        assert_int_equal(readable(at), mapped);
        if (!mapped)
            continue;
        memcpy(&seen, at, sizeof seen);
        assert_int_equal(seen, first + 2 * (page - offset));
    }
}

/* All three calls, each with the primitive failing so many times from one position on. Returns how
 * many failures there were. */
static uint64_t go_through(struct arena *arena, struct memory *memory, enum primitive primitive,
                           uint32_t skip, uint32_t times)
{
    struct injection *injection = memory_injection(memory);
    const uint64_t before = atomic_load(&injection->injected);
    struct hf_map map = {.window = window.window,
                         .list = {write_list(memory, 1)},
                         .extents = EXTENTS,
                         .tag = TAG,
                         .cache = HF_CACHE_CACHED};

    injection_set_after(injection, primitive, skip, times);
    assert_int_equal(arena_map(arena, &no_vcpu, &map), HF_OK);
    assert_shows(memory, 0, 1);

    struct hf_remap remap = {map, 0, EXTENTS};
    remap.map.page_offset = 2;
    remap.map.list.value = write_list(memory, 2);
    injection_set_after(injection, primitive, skip, times);
    assert_int_equal(arena_remap(arena, &no_vcpu, &remap), HF_OK);
    assert_shows(memory, 2, 2);

    const struct hf_unmap unmap = {window.window, 2, EXTENTS, TAG, 0};
    injection_set_after(injection, primitive, skip, times);
    assert_int_equal(arena_unmap(arena, &no_vcpu, &unmap), HF_OK);
    injection_set(injection, primitive, 0);
    assert_shows(memory, window.pages, 0);
    return atomic_load(&injection->injected) - before;
}

static void calls_go_through_whatever_fails(void **state)
{
    /* What fails in MAP, REMAP and UNMAP together if it fails at its first call. */
    static const struct {
        enum primitive primitive;
        uint32_t calls;
    } kinds[] = {{PRIMITIVE_MAP, 2}, {PRIMITIVE_GUARD, 2}, {PRIMITIVE_PREFAULT, 2}};
    const struct arena_config config = {.windows = 1};
    struct memory *memory = make_memory();
    struct error error;
    struct arena *arena = arena_create(memory, &config, &error);

    (void)state;
    assert_non_null(arena);
    set_aside(memory);
    window = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(arena, &no_vcpu, &window), HF_OK);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (uint32_t skip = 0; skip <= EXTENTS; skip++)
            for (uint32_t times = 1; times <= TIMES; times++) {
                const uint64_t failed = go_through(arena, memory, kinds[i].primitive, skip, times);
                if (skip == 0)
                    assert_int_equal(failed, kinds[i].calls * times);
            }
    arena_destroy(arena);
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_go_through_whatever_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
