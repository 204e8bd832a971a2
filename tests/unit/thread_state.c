/* SPDX-License-Identifier: MIT
 * What a thread is doing is told apart by looking at real ones: one that waits for a lock, one that
 * polls, one that the kernel keeps waiting, one that loops, and one that is busy in the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vmm/process/thread_state.h"

static struct {
    pthread_mutex_t lock;
    int pipe[2];
    _Atomic int thread_id;
    _Atomic bool ends;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void begin(void)
{
    atomic_store(&shared.thread_id, gettid());
}

static void *waits_for_lock(void *unused)
{
    begin();
    pthread_mutex_lock(&shared.lock);
    pthread_mutex_unlock(&shared.lock);
    return unused;
}

static void *polls(void *unused)
{
    struct pollfd polled = {.fd = shared.pipe[0], .events = POLLIN};

    begin();
    poll(&polled, 1, -1);
    return unused;
}

static void *reads(void *unused)
{
    char byte;

    begin();
    return read(shared.pipe[0], &byte, 1) == 1 ? unused : NULL;
}

static void *loops(void *unused)
{
    begin();
    while (!atomic_load(&shared.ends))
        ;
    return unused;
}

static void *calls(void *unused)
{
    begin();
    while (!atomic_load(&shared.ends))
        syscall(SYS_getppid);
    return unused;
}

/* Whether a thread that runs this comes to be seen in this state. */
static void is_seen(void *(*run)(void *), enum thread_state wanted)
{
    pthread_t thread;
    enum thread_state seen = THREAD_UNKNOWN;

    atomic_store(&shared.thread_id, 0);
    atomic_store(&shared.ends, false);
    assert_int_equal(pipe(shared.pipe), 0);
    pthread_mutex_lock(&shared.lock);
    assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
    while (atomic_load(&shared.thread_id) == 0)
        ;
    for (int i = 0; i < 200 && seen != wanted; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        seen = thread_state_look(atomic_load(&shared.thread_id));
    }
    pthread_mutex_unlock(&shared.lock);
    atomic_store(&shared.ends, true);
    assert_int_equal(write(shared.pipe[1], "", 1), 1);
    pthread_join(thread, NULL);
    close(shared.pipe[0]);
    close(shared.pipe[1]);
    assert_int_equal(seen, wanted);
}

static void one_that_waits_for_a_lock(void **state)
{
    (void)state;
    is_seen(waits_for_lock, THREAD_WAITS_FOR_OUR);
}

static void one_that_polls(void **state)
{
    (void)state;
    is_seen(polls, THREAD_RESTS);
}

static void one_that_the_kernel_keeps_waiting(void **state)
{
    (void)state;
    is_seen(reads, THREAD_IN_KERNEL);
}

static void one_that_loops(void **state)
{
    (void)state;
    is_seen(loops, THREAD_LOOPS);
}

static void one_that_is_busy_in_the_kernel(void **state)
{
    (void)state;
    is_seen(calls, THREAD_IN_KERNEL);
}

static void one_that_is_gone(void **state)
{
    (void)state;
    assert_int_equal(thread_state_look(0x3fffffff), THREAD_UNKNOWN);
}

static bool count(void *argument, int thread_id)
{
    int *found = argument;

    *found += thread_id == gettid();
    return true;
}

static bool count_one(void *argument, int thread_id)
{
    int *found = argument;

    (void)thread_id;
    ++*found;
    return false;
}

static void all_threads_are_visited(void **state)
{
    int found = 0, first = 0;

    (void)state;
    thread_state_visit(count, &found);
    assert_int_equal(found, 1);
    thread_state_visit(count_one, &first);
    assert_int_equal(first, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_waits_for_a_lock),         cmocka_unit_test(one_that_polls),
        cmocka_unit_test(one_that_the_kernel_keeps_waiting), cmocka_unit_test(one_that_loops),
        cmocka_unit_test(one_that_is_busy_in_the_kernel),    cmocka_unit_test(one_that_is_gone),
        cmocka_unit_test(all_threads_are_visited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
