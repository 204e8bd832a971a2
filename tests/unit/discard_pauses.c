/* SPDX-License-Identifier: MIT
 * A pause of the VM waits for no more than 256 MiB of a DISCARD that a vCPU is making: the rest
 * follows when the VM goes on. A reset, and the end of the VM, give the rest up. This program's
 * fallocate() and pwrite() stand before the kernel's. */
#include "storage_arena.h"
#include "vmm/machine/board.h"
#include "vmm/machine/lifecycle.h"
#include "vmm/machine/vcpu.h"

#include <semaphore.h>
#include <sys/syscall.h>

#define STEP_BYTES (256ull << 20)
#define BYTES      (3 * STEP_BYTES)

static struct {
    struct machine machine;
    struct vcpu vcpu;
    pthread_t thread;
    uint32_t object;
    sem_t begun;
    _Atomic uint64_t bytes; /* discarded so far */
    _Atomic int status;
} it;

/* The first step takes until somebody wants the vCPUs' attention. */
static void discard_bytes(uint64_t bytes)
{
    if (atomic_fetch_add(&it.bytes, bytes) == 0)
        sem_post(&it.begun);
    while (atomic_load(&it.bytes) == STEP_BYTES && !atomic_load(&it.machine.attention))
        sched_yield();
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    (void)fd;
    (void)mode;
    (void)offset;
    discard_bytes((uint64_t)length);
    return 0;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    (void)fd;
    (void)bytes;
    (void)offset;
    discard_bytes(count);
    return (ssize_t)count;
}

static void *make_call(void *argument)
{
    const struct hf_discard call = {.pages = BYTES / HF_PAGE_SIZE, .object = it.object};

    (void)argument;
    atomic_store(&it.status, (int)arena_discard(storage.arena, &it.vcpu.caller, &call));
    return NULL;
}

static int set_up(void **state)
{
    memset(&it, 0, sizeof it);
    set_up_storage(state);
    pthread_mutex_init(&it.machine.lock, NULL);
    pthread_cond_init(&it.machine.changed, NULL);
    it.machine.vcpus = 1;
    it.machine.vcpu = &it.vcpu;
    it.vcpu.machine = &it.machine;
    it.vcpu.caller = (struct arena_caller){.vcpu_fd = -1,
                                           .who = &it.vcpu,
                                           .wait = lifecycle_wait_in_call,
                                           .pause = lifecycle_pause_in_call};
    sem_init(&it.begun, 0, 0);
    atomic_store(&it.status, -1);
    it.object = attach("memory", "", BYTES, false);
    return 0;
}

static int take_down(void **state)
{
    sem_destroy(&it.begun);
    pthread_cond_destroy(&it.machine.changed);
    pthread_mutex_destroy(&it.machine.lock);
    return take_down_storage(state);
}

/* Returns when the first step is under way. */
static void begin_call(void)
{
    assert_int_equal(pthread_create(&it.thread, NULL, make_call, NULL), 0);
    sem_wait(&it.begun);
}

static void pause_in_the_middle(void)
{
    const struct timespec while_ = {.tv_nsec = 50000000};

    begin_call();
    assert_true(machine_pause(&it.machine));
    nanosleep(&while_, NULL);
    assert_int_equal(atomic_load(&it.bytes), STEP_BYTES);
    assert_int_equal(atomic_load(&it.status), -1);
}

static void a_pause_comes_between_two_steps(void **state)
{
    (void)state;
    pause_in_the_middle();
    assert_true(machine_resume(&it.machine));
    pthread_join(it.thread, NULL);
    assert_int_equal(atomic_load(&it.status), HF_OK);
    assert_int_equal(atomic_load(&it.bytes), BYTES);
}

static void so_it_does_where_pages_are_cleared(void **state)
{
    (void)state;
    storage.memory->object[1].made = true;
    pause_in_the_middle();
    assert_true(machine_resume(&it.machine));
    pthread_join(it.thread, NULL);
    assert_int_equal(atomic_load(&it.status), HF_OK);
    assert_int_equal(atomic_load(&it.bytes), BYTES);
}

static void ask_for_reset(void)
{
    pthread_mutex_lock(&it.machine.lock);
    lifecycle_request_reset(&it.machine, false);
    pthread_mutex_unlock(&it.machine.lock);
}

static void assert_given_up(void)
{
    pthread_join(it.thread, NULL);
    assert_int_not_equal(atomic_load(&it.status), HF_OK);
    assert_int_equal(atomic_load(&it.bytes), STEP_BYTES);
    assert_int_equal(arena_detach(storage.arena, "memory", false), ARENA_DETACHED);
    assert_int_equal(storage.memory->object[1].fd, -1);
}

static void a_reset_gives_it_up(void **state)
{
    (void)state;
    begin_call();
    ask_for_reset();
    assert_given_up();
}

static void a_reset_from_a_pause_gives_it_up(void **state)
{
    (void)state;
    pause_in_the_middle();
    ask_for_reset();
    assert_given_up();
}

static void the_end_gives_it_up(void **state)
{
    (void)state;
    begin_call();
    pthread_mutex_lock(&it.machine.lock);
    it.machine.ended = true;
    lifecycle_kick(&it.machine);
    pthread_mutex_unlock(&it.machine.lock);
    assert_given_up();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pause_comes_between_two_steps),
        TEST(so_it_does_where_pages_are_cleared),
        TEST(a_reset_gives_it_up),
        TEST(a_reset_from_a_pause_gives_it_up),
        TEST(the_end_gives_it_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
