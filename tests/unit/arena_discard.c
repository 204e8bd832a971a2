/* SPDX-License-Identifier: MIT
 * DISCARD: the pages read as zeros, also where they are mapped, and nothing else changes; what the
 * host may answer; what others may do meanwhile. This program's fallocate() stands before the
 * kernel's. */
#include "storage_arena.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGES 8u

static struct {
    unsigned calls;
    uint64_t bytes; /* of all calls, which follow one another */
    uint64_t most;  /* of one call */
    off_t next;
    int causes[4]; /* the first calls fail with these; 0: no more */
    void (*during)(void);
} host;

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    const unsigned call = host.calls++;

    assert_int_equal(mode, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
    assert_true(is_open(fd));
    if (host.during != NULL)
        host.during();
    if (call < 4 && host.causes[call] != 0) {
        errno = host.causes[call];
        return -1;
    }
    if (host.bytes > 0)
        assert_int_equal(offset, host.next);
    host.next = offset + length;
    host.bytes += (uint64_t)length;
    if ((uint64_t)length > host.most)
        host.most = (uint64_t)length;
    assert_true(is_open(fd));
    return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

static int set_up(void **state)
{
    memset(&host, 0, sizeof host);
    return set_up_storage(state);
}

static enum hf_status discard(uint32_t id, uint64_t first, uint64_t pages)
{
    return arena_discard(storage.arena, &no_vcpu,
                         &(struct hf_discard){.first = first, .pages = pages, .object = id});
}

static void assert_page(const uint8_t *page, char byte)
{
    for (unsigned i = 0; i < HF_PAGE_SIZE; i++)
        assert_int_equal(page[i], byte);
}

static void mapped_pages_read_as_zeros(void **state)
{
    struct arena_counters counters;

    (void)state;
    const uint32_t id = attach("memory", "", PAGES * HF_PAGE_SIZE, false);
    uint8_t *window = map_pages(id, 0, PAGES);
    memset(window, 'y', PAGES * HF_PAGE_SIZE);
    assert_int_equal(discard(id, 2, 3), HF_OK);
    for (unsigned page = 0; page < PAGES; page++)
        assert_page(window + page * HF_PAGE_SIZE, page >= 2 && page < 5 ? 0 : 'y');
    assert_true(writable(window + 2 * HF_PAGE_SIZE));
    arena_counters(storage.arena, &counters);
    assert_int_equal(counters.discards, 1);
}

static void memory_goes_back_to_the_host(void **state)
{
    struct stat before;
    struct stat after;

    (void)state;
    const uint32_t id = attach("memory", "", PAGES * HF_PAGE_SIZE, false);
    memset(map_pages(id, 0, PAGES), 'y', PAGES * HF_PAGE_SIZE);
    assert_int_equal(fstat(storage.memory->object[1].fd, &before), 0);
    assert_int_equal(discard(id, 0, PAGES), HF_OK);
    assert_int_equal(fstat(storage.memory->object[1].fd, &after), 0);
    assert_int_equal(before.st_blocks, PAGES * HF_PAGE_SIZE / 512);
    assert_int_equal(after.st_blocks, 0);
}

static void the_last_page_goes_and_the_size_stays(void **state)
{
    struct stat info;

    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    uint8_t *window = map_pages(id, 0, 3);
    memset(window + TAIL_SIZE, 'z', 3 * HF_PAGE_SIZE - TAIL_SIZE);
    assert_int_equal(discard(id, 2, 1), HF_OK);
    assert_page(window + HF_PAGE_SIZE, 'x');
    assert_page(window + 2 * HF_PAGE_SIZE, 0);
    assert_int_equal(stat(storage.path, &info), 0);
    assert_int_equal(info.st_size, TAIL_SIZE);
}

static void a_wrong_call_changes_nothing(void **state)
{
    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    const uint32_t ro = attach("ro", storage.path, 0, true);
    const struct {
        uint32_t id;
        uint64_t first;
        uint64_t pages;
        enum hf_status wanted;
    } wrong[] = {
        {id, 0, 0, HF_EMPTY_LIST},
        {0, 0, 0, HF_EMPTY_LIST},
        {HF_RAM, 0, 1, HF_NO_OBJECT},
        {ro + 1, 0, 1, HF_NO_OBJECT},
        {UINT32_MAX, 9, 1, HF_NO_OBJECT},
        {id, 0, 4, HF_BAD_PAGE},
        {id, 2, 2, HF_BAD_PAGE},
        {id, 3, 1, HF_BAD_PAGE},
        {id, 1, UINT64_MAX, HF_BAD_PAGE},
        {id, UINT64_MAX, 1, HF_BAD_PAGE},
        {id, UINT64_MAX, UINT64_MAX, HF_BAD_PAGE},
        {id, 1ull << 52, 1, HF_BAD_PAGE},
        {ro, 3, 1, HF_BAD_PAGE},
        {ro, 0, 1, HF_READ_ONLY},
    };

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(discard(wrong[i].id, wrong[i].first, wrong[i].pages), wrong[i].wanted);
    assert_int_equal(host.calls, 0);
    assert_page(map_pages(id, 0, 3), 'x');
}

static enum hf_status when_the_host_says(uint32_t id, int cause)
{
    host.calls = 0;
    host.causes[0] = cause;
    return discard(id, 0, 1);
}

static void the_guest_is_told_what_the_host_cannot_do(void **state)
{
    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    assert_int_equal(when_the_host_says(id, EOPNOTSUPP), HF_NOT_SUPPORTED);
    assert_int_equal(when_the_host_says(id, ENOSYS), HF_NOT_SUPPORTED);
    assert_int_equal(when_the_host_says(id, ENODEV), HF_NOT_SUPPORTED);
    assert_int_equal(when_the_host_says(id, EINVAL), HF_NOT_SUPPORTED);
    assert_int_equal(when_the_host_says(id, EIO), HF_IO_ERROR);
    assert_int_equal(when_the_host_says(id, EPERM), HF_IO_ERROR);
    assert_int_equal(when_the_host_says(id, 0), HF_OK);
}

static void a_signal_does_not_end_it(void **state)
{
    (void)state;
    const uint32_t id = attach("memory", "", PAGES * HF_PAGE_SIZE, false);
    host.causes[0] = host.causes[1] = EINTR;
    assert_int_equal(discard(id, 0, PAGES), HF_OK);
    assert_int_equal(host.calls, 3);
    assert_int_equal(host.bytes, PAGES * HF_PAGE_SIZE);
}

static void many_pages_go_in_parts(void **state)
{
    const uint64_t bytes = (1ull << 40) + HF_PAGE_SIZE;

    (void)state;
    const uint32_t id = attach("memory", "", bytes, false);
    assert_int_equal(discard(id, 0, bytes / HF_PAGE_SIZE), HF_OK);
    assert_int_equal(host.bytes, bytes);
    assert_true(host.most <= 256u << 20);
}

static char page_now(unsigned slot, uint64_t page)
{
    char byte = 0;

    assert_int_equal(pread(storage.memory->object[slot].fd, &byte, 1, (off_t)(page * HF_PAGE_SIZE)),
                     1);
    return byte;
}

/* What the host refuses on the way is no "cannot": what came before is gone. */
static void after_a_failure_on_the_way_the_rest_is_as_it_was(void **state)
{
    static const int causes[] = {EIO, EOPNOTSUPP};
    const uint64_t pages = (256u << 20) / HF_PAGE_SIZE + 1;

    (void)state;
    const uint32_t id = attach("memory", "", pages * HF_PAGE_SIZE, false);
    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        assert_int_equal(pwrite(storage.memory->object[1].fd, "x", 1, 0), 1);
        assert_int_equal(
            pwrite(storage.memory->object[1].fd, "y", 1, (off_t)((pages - 1) * HF_PAGE_SIZE)), 1);
        host.calls = 0;
        host.bytes = 0;
        host.causes[1] = causes[i];
        assert_int_equal(discard(id, 0, pages), HF_IO_ERROR);
        assert_int_equal(page_now(1, 0), 0);
        assert_int_equal(page_now(1, pages - 1), 'y');
    }
}

/* Also where pages are cleared in place and only the last one cannot be forgotten. */
static void what_is_not_supported_changes_nothing(void **state)
{
    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    for (unsigned made = 0; made < 2; made++) {
        storage.memory->object[1].made = made == 1;
        host.calls = 0;
        host.causes[0] = EOPNOTSUPP;
        assert_int_equal(discard(id, 0, 3), HF_NOT_SUPPORTED);
        for (unsigned page = 0; page < 3; page++)
            assert_int_equal(page_now(1, page), 'x');
    }
}

static uint32_t object;

static void map_something(void)
{
    host.during = NULL;
    assert_true(nothing_is_held());
    map_pages(object, 0, 1);
}

static void others_map_meanwhile(void **state)
{
    (void)state;
    object = attach("memory", "", PAGES * HF_PAGE_SIZE, false);
    host.during = map_something;
    assert_int_equal(discard(object, 0, PAGES), HF_OK);
    assert_null(host.during);
}

static void detach_it(void)
{
    host.during = NULL;
    assert_int_equal(arena_detach(storage.arena, "memory", true), ARENA_DETACHED);
    assert_int_equal(discard(object, 0, 1), HF_NO_OBJECT);
    attach("memory", "", HF_PAGE_SIZE, false);
}

static void a_forced_detach_takes_nothing_away(void **state)
{
    (void)state;
    object = attach("memory", "", PAGES * HF_PAGE_SIZE, false);
    const int fd = storage.memory->object[1].fd;
    map_pages(object, 0, 1);
    host.during = detach_it;
    assert_int_equal(discard(object, 0, PAGES), HF_OK);
    assert_int_equal(host.bytes, PAGES * HF_PAGE_SIZE);
    assert_false(is_open(fd));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, take_down_storage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mapped_pages_read_as_zeros),
        TEST(memory_goes_back_to_the_host),
        TEST(the_last_page_goes_and_the_size_stays),
        TEST(a_wrong_call_changes_nothing),
        TEST(the_guest_is_told_what_the_host_cannot_do),
        TEST(after_a_failure_on_the_way_the_rest_is_as_it_was),
        TEST(what_is_not_supported_changes_nothing),
        TEST(a_signal_does_not_end_it),
        TEST(many_pages_go_in_parts),
        TEST(others_map_meanwhile),
        TEST(a_forced_detach_takes_nothing_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
