/* SPDX-License-Identifier: MIT
 * A KVM that makes no second-level tables and only says that a signal came, as Linux 6.12 does
 * after it has dropped the tables of a VM and until the vCPU runs again: MAP goes through and
 * leaves the entries to the first touch, and RESERVE is refused. Neither tries for ever. */
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"

#include <errno.h>
#include <sys/ioctl.h>

#define TAG          0x54455354u
#define PAGES        8u
#define CALLS_MOST   3u
#define SECONDS_MOST 10u /* then SIGALRM ends the test */

static bool is_interrupted;
static uint32_t calls;

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;

    (void)fd;
    calls++;
    if (is_interrupted) {
        errno = EINTR;
        return -1;
    }
    va_start(rest, request);
    uint64_t *range = va_arg(rest, uint64_t *);
    va_end(rest);
    range[1] = 0; /* nothing is left */
    return 0;
}

static struct arena *arena;
static struct hf_reserve window;

static enum hf_status reserve(struct hf_reserve *call)
{
    *call = (struct hf_reserve){.bytes = PAGES * HF_PAGE_SIZE, .tag = TAG};
    return arena_reserve(arena, &no_vcpu, call);
}

static int begin(void **state)
{
    const struct arena_config config = {.windows = 2};
    struct memory *memory = make_memory();
    struct error error;

    alarm(SECONDS_MOST);
    is_interrupted = false;
    set_aside(memory);
    arena = arena_create(memory, &config, &error);
    assert_non_null(arena);
    assert_int_equal(reserve(&window), HF_OK);
    is_interrupted = true;
    calls = 0;
    *state = memory;
    return 0;
}

static int end(void **state)
{
    arena_destroy(arena);
    forget(*state);
    return 0;
}

static void map_goes_through(void **state)
{
    struct memory *memory = *state;
    struct hf_extent *list = (void *)memory->ram;
    struct hf_map map = {
        .window = window.window, .list = {0}, .extents = 1, .tag = TAG, .cache = HF_CACHE_CACHED};

    list[0] = (struct hf_extent){1, PAGES, HF_RAM};
    assert_int_equal(arena_map(arena, &no_vcpu, &map), HF_OK);
    assert_in_range(calls, 1, CALLS_MOST);
    const struct hf_unmap unmap = {window.window, 0, PAGES, TAG, 0};
    assert_int_equal(arena_unmap(arena, &no_vcpu, &unmap), HF_OK);
}

static void reserve_is_refused(void **state)
{
    struct hf_reserve other;

    (void)state;
    assert_int_equal(reserve(&other), HF_NO_RESOURCES);
    assert_in_range(calls, 1, CALLS_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(map_goes_through, begin, end),
        cmocka_unit_test_setup_teardown(reserve_is_refused, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
