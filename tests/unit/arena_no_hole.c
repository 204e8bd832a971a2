/* SPDX-License-Identifier: MIT
 * While MAPs and UNMAPs fail again and again and are tried again, the arena's addresses are covered
 * without a gap, and by nothing but the guard and the guest's memory. */
#include "host_fakes.h"
#include "host_memory.h"
#include "tests/guarantee/tools/arena_maps.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS 4000u
#define LOOKS  200u

static struct arena_maps watched;
static _Atomic bool stop;

static void *watch(void *argument)
{
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

    (void)argument;
    while (!atomic_load(&stop) && arena_maps_look(&watched, fd))
        ;
    close(fd);
    return NULL;
}

static void look_once(struct arena_maps *maps)
{
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

    assert_true(arena_maps_look(maps, fd));
    close(fd);
}

static void the_arena_is_covered_whatever_fails(void **state)
{
    struct memory *memory = make_memory();
    struct map_call call = {0};
    uint64_t seed = 1;
    pthread_t thread;

    (void)state;
    memset(&watched, 0, sizeof watched);
    look_once(&watched);
    assert_int_equal(pthread_create(&thread, NULL, watch, NULL), 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        const struct run runs[] = {{.first = seed >> 40 & 7, .pages = 1 + (seed >> 44 & 7)},
                                   {.first = seed >> 48 & 7, .pages = 1 + (seed >> 52 & 7)}};
        const uint64_t page = ARENA_PAGE + (seed >> 56) % (ARENA_PAGES - 16);
        injection_set_after(&memory->injection, seed >> 36 & 1 ? PRIMITIVE_MAP : PRIMITIVE_GUARD,
                            seed >> 37 & 1, seed >> 38 & 3);
        assert_int_equal(memory_map(memory, page, runs, 2, true, &call), MAP_DONE);
        assert_true(memory_guard(memory, page, runs[0].pages, &call));
    }
    assert_true(call.refusals > ROUNDS / 4);
    while (watched.looks < LOOKS)
        sched_yield();
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    print_message("%" PRIu64 " looks\n", watched.looks);
    assert_int_equal(watched.holes, 0);
    assert_int_equal(watched.foreign, 0);
    forget(memory);
}

static void a_hole_and_a_foreign_page_are_seen(void **state)
{
    struct memory *memory = make_memory();
    struct arena_maps maps = {0};

    (void)state;
    look_once(&maps);
    assert_int_equal(maps.end - maps.first, memory->arena_bytes + (2ull << 30));
    assert_int_equal(maps.holes, 0);
    munmap(memory->arena + 5 * HF_PAGE_SIZE, HF_PAGE_SIZE);
    look_once(&maps);
    assert_int_equal(maps.holes, 1);
    assert_int_equal(maps.foreign, 0);
    assert_ptr_not_equal(mmap(memory->arena + 5 * HF_PAGE_SIZE, HF_PAGE_SIZE, PROT_READ,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                         MAP_FAILED);
    look_once(&maps);
    assert_int_equal(maps.holes, 1);
    assert_int_equal(maps.foreign, 1);
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_arena_is_covered_whatever_fails),
        cmocka_unit_test(a_hole_and_a_foreign_page_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
