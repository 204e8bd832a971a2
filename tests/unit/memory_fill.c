/* SPDX-License-Identifier: MIT
 * A MAP makes the entries of the pages that the host has in memory, of files, too, and reads none.
 */
#include "host_memory.h"

#include <fcntl.h>
#include <stdlib.h>

#define SLOT         3u
#define FILE_PAGES   16u
#define CACHED_PAGES 6u /* the first ones; a hole follows */

static struct map_call call;

/* Asks the kernel's page tables. */
static bool has_entry(const struct memory *memory, uint64_t page)
{
    const uintptr_t hva = (uintptr_t)memory->arena + page * HF_PAGE_SIZE;
    const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    uint64_t entry;

    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &entry, sizeof entry, (off_t)(hva / HF_PAGE_SIZE * sizeof entry)),
                     sizeof entry);
    close(fd);
    return entry >> 63 != 0;
}

static void attach_file(struct memory *memory)
{
    static const char bytes[CACHED_PAGES * HF_PAGE_SIZE] = {1};
    char path[] = "/tmp/holdfast-fill.XXXXXX";
    const int fd = mkostemp(path, O_CLOEXEC);

    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(ftruncate(fd, (off_t)(FILE_PAGES * HF_PAGE_SIZE)), 0);
    memory->object[SLOT].fd = fd;
    memory->object[SLOT].kind = OBJECT_FILE;
    memory->object[SLOT].residency_told = true;
}

static void pages_of_a_file_in_memory_have_entries_and_holes_have_none(void **state)
{
    struct memory *memory = make_memory();
    const struct run runs[] = {{.first = 2, .pages = 1},
                               {.first = 2, .pages = 10, .slot = SLOT},
                               {.first = 5, .pages = 1}};

    (void)state;
    attach_file(memory);
    assert_int_equal(memory_map(memory, ARENA_PAGE, runs, 3, true, &call), MAP_DONE);
    for (uint64_t page = 0; page < 12; page++)
        assert_int_equal(has_entry(memory, page), page <= 4 || page == 11);
    close(memory->object[SLOT].fd);
    forget(memory);
}

static void only_so_many_stretches_of_a_run_are_filled(void **state)
{
    struct memory *memory = make_memory();
    const struct run run = {.first = 0, .pages = 48, .slot = SLOT};
    uint64_t filled = 0;

    (void)state;
    attach_file(memory);
    assert_int_equal(ftruncate(memory->object[SLOT].fd, 0), 0);
    assert_int_equal(ftruncate(memory->object[SLOT].fd, 48 * HF_PAGE_SIZE), 0);
    for (uint64_t page = 0; page < 48; page += 2)
        assert_int_equal(pwrite(memory->object[SLOT].fd, "1", 1, (off_t)(page * HF_PAGE_SIZE)), 1);
    assert_int_equal(memory_map(memory, ARENA_PAGE, &run, 1, true, &call), MAP_DONE);
    for (uint64_t page = 32; page < 48; page++)
        filled += has_entry(memory, page);
    assert_true(has_entry(memory, 30));
    assert_false(has_entry(memory, 31));
    assert_true(filled <= 1); /* a file system may have larger pages in memory than are written */
    close(memory->object[SLOT].fd);
    forget(memory);
}

/* mincore(2) says of all pages that they are there, then. */
static void pages_of_a_file_that_is_not_ours_are_left_alone(void **state)
{
    struct memory *memory = make_memory();
    const struct run run = {.first = 0, .pages = 8, .slot = SLOT};

    (void)state;
    attach_file(memory);
    memory->object[SLOT].residency_told = false;
    assert_int_equal(memory_map(memory, ARENA_PAGE, &run, 1, true, &call), MAP_DONE);
    for (uint64_t page = 0; page < 8; page++)
        assert_false(has_entry(memory, page));
    close(memory->object[SLOT].fd);
    forget(memory);
}

/* To make one takes memory, and everybody else who maps would wait for it. */
static void pages_that_a_memfd_does_not_have_are_not_made(void **state)
{
    struct memory *memory = make_memory();
    const struct run run = {.first = 0, .pages = 6, .slot = SLOT};
    const int fd = memfd_create("object", MFD_CLOEXEC);

    (void)state;
    assert_int_equal(ftruncate(fd, FILE_PAGES * HF_PAGE_SIZE), 0);
    assert_int_equal(pwrite(fd, "1", 1, HF_PAGE_SIZE), 1);
    memory->object[SLOT].fd = fd;
    memory->object[SLOT].kind = OBJECT_MEMFD;
    memory->object[SLOT].residency_told = true;
    assert_int_equal(memory_map(memory, ARENA_PAGE, &run, 1, true, &call), MAP_DONE);
    for (uint64_t page = 0; page < 6; page++)
        assert_int_equal(has_entry(memory, page), page == 1);
    close(fd);
    forget(memory);
}

/* With --guarantee off, or where RAM does not fit: the guest may never have touched them. */
static void pages_that_ram_does_not_have_are_not_made(void **state)
{
    struct memory *memory = make_memory();
    const struct run run = {.first = 4, .pages = 6};

    (void)state;
    assert_int_equal(fallocate(memory->ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                               6 * HF_PAGE_SIZE, 2 * HF_PAGE_SIZE),
                     0);
    assert_int_equal(memory_map(memory, ARENA_PAGE, &run, 1, true, &call), MAP_DONE);
    for (uint64_t page = 0; page < 6; page++)
        assert_int_equal(has_entry(memory, page), page != 2 && page != 3);
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_of_a_file_in_memory_have_entries_and_holes_have_none),
        cmocka_unit_test(pages_of_a_file_that_is_not_ours_are_left_alone),
        cmocka_unit_test(pages_that_a_memfd_does_not_have_are_not_made),
        cmocka_unit_test(pages_that_ram_does_not_have_are_not_made),
        cmocka_unit_test(only_so_many_stretches_of_a_run_are_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
