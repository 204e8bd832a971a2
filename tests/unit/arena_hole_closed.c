/* SPDX-License-Identifier: MIT
 * A refused mmap(MAP_FIXED) takes away what was there, as the kernel's does when it runs out of
 * memory. The hole is closed before anything else is asked of the host. */
#include "host_fakes.h"
#include "host_memory.h"
#include "tests/guarantee/tools/arena_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

static uint32_t fail_next; /* calls of mmap with MAP_FIXED that are refused, leaving holes */
static struct {
    uint8_t *at;
    size_t bytes;
} hole;
static uint32_t holes;
static uint32_t left_open; /* seen by another call than the one that closes it */

/* In place of the C library's, for the memory room and for this file. */
void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    const bool fixed = (flags & MAP_FIXED) != 0;

    if (hole.at != NULL &&
        !(fixed && address == hole.at && bytes == hole.bytes && protection == PROT_NONE))
        left_open++;
    if (fixed && fail_next > 0) {
        fail_next--;
        holes++;
        hole.at = address;
        hole.bytes = bytes;
        syscall(SYS_munmap, address, bytes);
        errno = ENOMEM;
        return MAP_FAILED;
    }
    hole.at = NULL;
    return (void *)syscall(SYS_mmap, address, bytes, protection, flags, fd, offset); /* NOLINT */
}

static void the_arena_is_whole(void)
{
    struct arena_maps maps = {0};
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

    assert_true(arena_maps_look(&maps, fd));
    close(fd);
    assert_int_equal(maps.holes, 0);
    assert_int_equal(maps.foreign, 0);
}

static void forget_holes(uint32_t failures)
{
    holes = 0;
    left_open = 0;
    hole.at = NULL;
    fail_next = failures;
}

static void a_hole_of_a_map_is_closed_at_once(void **state)
{
    struct memory *memory = make_memory();
    const struct run runs[] = {{.first = 1, .pages = 3}, {.first = 9, .pages = 2}};
    struct map_call call = {0};

    (void)state;
    for (uint32_t failures = 1; failures < 6; failures++) {
        forget_holes(failures);
        assert_int_equal(memory_map(memory, ARENA_PAGE + 4, runs, 2, true, &call), MAP_DONE);
        assert_int_equal(holes, failures);
        assert_int_equal(left_open, 0);
        the_arena_is_whole();
        assert_true(memory_guard(memory, ARENA_PAGE + 4, 5, &call));
    }
    forget(memory);
}

static void a_hole_of_an_unmap_is_closed_at_once(void **state)
{
    struct memory *memory = make_memory();
    const struct run run = {.first = 1, .pages = 3};
    struct map_call call = {0};

    (void)state;
    forget_holes(0);
    assert_int_equal(memory_map(memory, ARENA_PAGE + 4, &run, 1, true, &call), MAP_DONE);
    forget_holes(4);
    assert_true(memory_guard(memory, ARENA_PAGE + 4, 3, &call));
    assert_int_equal(holes, 4);
    assert_int_equal(left_open, 0);
    the_arena_is_whole();
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hole_of_a_map_is_closed_at_once),
        cmocka_unit_test(a_hole_of_an_unmap_is_closed_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
