/* SPDX-License-Identifier: MIT
 * An arena with two windows, and a call that the host keeps waiting for memory until the test lets
 * it go on or gives it up. */
#ifndef HOLDFAST_TESTS_SLOW_CALL_H
#define HOLDFAST_TESTS_SLOW_CALL_H

#include "host_fakes.h"
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define TAG 0x54494157u

/* A vCPU whose call waits for as long as the test wants. */
static struct {
    struct arena_caller caller;
    struct arena *arena;
    struct hf_map map;
    pthread_t thread;
    sem_t waits;
    sem_t goes_on;
    _Atomic bool is_given_up;
    _Atomic bool has_waited;
    _Atomic int status;
} slow;

static struct memory *memory;
static struct arena *arena;
static struct hf_reserve first, second;

static bool wait_for_test(const struct arena_caller *caller, uint64_t nanoseconds)
{
    (void)caller;
    (void)nanoseconds;
    if (!atomic_exchange(&slow.has_waited, true)) {
        sem_post(&slow.waits);
        sem_wait(&slow.goes_on);
    }
    return !atomic_load(&slow.is_given_up);
}

static struct hf_map map_of(const struct hf_reserve *window, uint64_t offset)
{
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);

    list[0] = (struct hf_extent){1, 1, HF_RAM};
    return (struct hf_map){.window = window->window,
                           .page_offset = offset,
                           .list = {(RAM_PAGES - 1) * HF_PAGE_SIZE},
                           .extents = 1,
                           .tag = TAG,
                           .cache = HF_CACHE_CACHED};
}

static void *make_slow_call(void *argument)
{
    (void)argument;
    atomic_store(&slow.status, (int)arena_map(arena, &slow.caller, &slow.map));
    return NULL;
}

/* Returns when the call waits. */
static void begin_slow_call(struct hf_map map)
{
    atomic_store(&slow.has_waited, false);
    atomic_store(&slow.is_given_up, false);
    atomic_store(&slow.status, -1);
    slow.map = map;
    /* Twice: the first refusal is answered with ballast, and not with a pause. */
    injection_set(memory_injection(memory), PRIMITIVE_MAP, 2);
    assert_int_equal(pthread_create(&slow.thread, NULL, make_slow_call, NULL), 0);
    sem_wait(&slow.waits);
}

static enum hf_status end_slow_call(bool give_up)
{
    atomic_store(&slow.is_given_up, give_up);
    sem_post(&slow.goes_on);
    pthread_join(slow.thread, NULL);
    return (enum hf_status)atomic_load(&slow.status);
}

static int setup(void **state)
{
    const struct arena_config config = {.windows = 8, .vcpus = 2};
    struct error error;

    (void)state;
    memory = make_memory();
    set_aside(memory);
    arena = arena_create(memory, &config, &error);
    assert_non_null(arena);
    slow.caller = (struct arena_caller){.vcpu_fd = -1, .wait = wait_for_test};
    assert_int_equal(sem_init(&slow.waits, 0, 0), 0);
    assert_int_equal(sem_init(&slow.goes_on, 0, 0), 0);
    first = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    second = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(arena, &no_vcpu, &first), HF_OK);
    assert_int_equal(arena_reserve(arena, &no_vcpu, &second), HF_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(arena);
    forget(memory);
    sem_destroy(&slow.waits);
    sem_destroy(&slow.goes_on);
    return 0;
}

#endif
