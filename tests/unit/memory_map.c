/* SPDX-License-Identifier: MIT
 * The host side of the arena: what is mapped shows, everything else is closed. */
#include "host_memory.h"

#include <errno.h>

static struct map_call call;

static uint8_t *page_at(const struct memory *memory, uint64_t page)
{
    return memory->arena + page * HF_PAGE_SIZE;
}

static void nothing_is_accessible_before_it_is_mapped(void **state)
{
    struct memory *memory = make_memory();

    (void)state;
    for (uint64_t page = 0; page < ARENA_PAGES; page++)
        assert_false(readable(page_at(memory, page)));
    /* Nor right outside. */
    assert_false(readable(page_at(memory, 0) - 1));
    assert_false(readable(page_at(memory, ARENA_PAGES)));
    forget(memory);
}

static void a_map_shows_the_pages_of_its_runs_in_order(void **state)
{
    struct memory *memory = make_memory();
    const struct run runs[] = {{.first = 7, .pages = 1}, {.first = 2, .pages = 3}};
    const uint64_t wanted[] = {7, 2, 3, 4};

    (void)state;
    assert_int_equal(memory_map(memory, ARENA_PAGE + 10, runs, 2, true, &call), MAP_DONE);
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t seen;
        memcpy(&seen, page_at(memory, 10 + i), sizeof seen);
        assert_int_equal(seen, wanted[i]);
    }
    assert_false(readable(page_at(memory, 9)));
    assert_false(readable(page_at(memory, 14)));
    assert_true(writable(page_at(memory, 10)));
    assert_true(memory_guard(memory, ARENA_PAGE + 10, 4, &call));
    for (uint64_t i = 0; i < 4; i++)
        assert_false(readable(page_at(memory, 10 + i)));
    forget(memory);
}

static void a_read_only_map_cannot_be_written(void **state)
{
    struct memory *memory = make_memory();
    const struct run run = {.first = 1, .pages = 1};

    (void)state;
    assert_int_equal(memory_map(memory, ARENA_PAGE, &run, 1, false, &call), MAP_DONE);
    assert_true(readable(page_at(memory, 0)));
    assert_false(writable(page_at(memory, 0)));
    forget(memory);
}

static void a_refused_map_leaves_its_whole_range_closed(void **state)
{
    struct memory *memory = make_memory();
    const struct run before = {.first = 0, .pages = 4};
    /* The host refuses the second: nothing is open behind slot 5. */
    const struct run runs[] = {{.first = 3, .pages = 2}, {.first = 0, .pages = 2, .slot = 5}};

    (void)state;
    assert_int_equal(memory_map(memory, ARENA_PAGE, &before, 1, true, &call), MAP_DONE);
    assert_int_equal(memory_map(memory, ARENA_PAGE, runs, 2, true, &call), MAP_REFUSED);
    for (uint64_t page = 0; page < 4; page++)
        assert_false(readable(page_at(memory, page)));
    forget(memory);
}

static void no_other_mapping_lands_in_a_hole_of_the_arena(void **state)
{
    struct memory *memory = make_memory();
    static void *others[2000];
    const uintptr_t low = (uintptr_t)memory->arena;

    (void)state;
    /* As a failed mmap(MAP_FIXED) leaves it. */
    munmap(memory->arena, memory->arena_bytes);
    for (size_t i = 0; i < 2000; i++) {
        const size_t bytes = i < 1000 ? HF_PAGE_SIZE : memory->arena_bytes;
        others[i] =
            mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        assert_ptr_not_equal(others[i], MAP_FAILED);
        const uintptr_t at = (uintptr_t)others[i];
        assert_true(at + bytes <= low || at >= low + memory->arena_bytes);
    }
    assert_true(memory_guard(memory, ARENA_PAGE, ARENA_PAGES, &call));
    assert_false(readable(memory->arena));
    for (size_t i = 0; i < 2000; i++)
        munmap(others[i], i < 1000 ? HF_PAGE_SIZE : memory->arena_bytes);
    forget(memory);
}

static void two_arenas_do_not_share_a_place(void **state)
{
    struct error error;

    (void)state;
    uint8_t *first = arena_place(1ull << 40, &error);
    uint8_t *second = arena_place(1ull << 40, &error);
    assert_non_null(first);
    assert_non_null(second);
    assert_true(second >= first + (1ull << 40) || first >= second + (1ull << 40));
    arena_unplace(first, 1ull << 40);
    arena_unplace(second, 1ull << 40);
}

/* Otherwise KVM may replace tables that were made ahead by large entries. */
static void the_arena_has_other_addresses_modulo_2_mib_than_the_guest_sees(void **state)
{
    struct error error;

    (void)state;
    uint8_t *first = arena_place(1ull << 30, &error);
    uint8_t *second = arena_place(1ull << 40, &error);
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal((uintptr_t)first % HF_PAGE_SIZE, 0);
    assert_int_not_equal((uintptr_t)first % (2ull << 20), 0);
    assert_int_not_equal((uintptr_t)second % (2ull << 20), 0);
    arena_unplace(first, 1ull << 30);
    arena_unplace(second, 1ull << 40);
}

static void so_has_ram_of_any_size(void **state)
{
    const uint64_t sizes[] = {HF_PAGE_SIZE, 1ull << 20, 2ull << 20, (5ull << 20) + HF_PAGE_SIZE};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const int fd = memfd_create("ram", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, (off_t)sizes[i]), 0);
        uint8_t *ram = ram_place(fd, sizes[i]);
        assert_non_null(ram);
        assert_int_equal((uintptr_t)ram % HF_PAGE_SIZE, 0);
        assert_int_not_equal((uintptr_t)ram % (2ull << 20), 0);
        ram[0] = 1;
        ram[sizes[i] - 1] = 1;
        munmap(ram, sizes[i]);
        close(fd);
    }
}

static void ram_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_null(ram_place(-1, HF_PAGE_SIZE));
    assert_int_equal(errno, EBADF);
    assert_null(ram_place(-1, 1ull << 62));
    assert_int_equal(errno, ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_accessible_before_it_is_mapped),
        cmocka_unit_test(a_map_shows_the_pages_of_its_runs_in_order),
        cmocka_unit_test(a_read_only_map_cannot_be_written),
        cmocka_unit_test(a_refused_map_leaves_its_whole_range_closed),
        cmocka_unit_test(no_other_mapping_lands_in_a_hole_of_the_arena),
        cmocka_unit_test(two_arenas_do_not_share_a_place),
        cmocka_unit_test(the_arena_has_other_addresses_modulo_2_mib_than_the_guest_sees),
        cmocka_unit_test(so_has_ram_of_any_size),
        cmocka_unit_test(ram_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
