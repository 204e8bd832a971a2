/* SPDX-License-Identifier: MIT
 * FLUSH: who waits for the host's fsync and who does not, what a detach meanwhile does, and who is
 * told of an error. This program's fsync() stands in for the C library's. */
#include "storage_arena.h"

#include <time.h>

#define CALLERS 8u
#define ROUNDS  300u

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned begun;
    unsigned ended;
    unsigned let;     /* so many may end */
    unsigned failing; /* this one, counted from 1, fails with cause */
    int cause;
    unsigned interrupted; /* so many are interrupted, without counting */
    unsigned at_once_most;
    unsigned waiting;     /* calls that wait for another's fsync */
    void (*during)(void); /* called while an fsync is on */
} host = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int fsync(int fd)
{
    int result = 0;

    assert_true(is_open(fd));
    if (host.during != NULL)
        host.during();
    pthread_mutex_lock(&host.lock);
    if (host.interrupted > 0) {
        host.interrupted--;
        pthread_mutex_unlock(&host.lock);
        errno = EINTR;
        return -1;
    }
    const unsigned number = ++host.begun;
    if (host.begun - host.ended > host.at_once_most)
        host.at_once_most = host.begun - host.ended;
    pthread_cond_broadcast(&host.changed);
    const struct timespec far = {.tv_sec = INT32_MAX};
    while (number > host.let)
        pthread_cond_timedwait(&host.changed, &host.lock, &far);
    host.ended++;
    if (number == host.failing) {
        errno = host.cause;
        result = -1;
    }
    pthread_mutex_unlock(&host.lock);
    assert_true(is_open(fd));
    return result;
}

/* The arena's calls wait with this; the test counts them. */
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *lock)
{
    const struct timespec far = {.tv_sec = INT32_MAX};

    pthread_mutex_lock(&host.lock);
    host.waiting++;
    pthread_cond_broadcast(&host.changed);
    pthread_mutex_unlock(&host.lock);
    const int result = pthread_cond_timedwait(condition, lock, &far);
    pthread_mutex_lock(&host.lock);
    host.waiting--;
    pthread_mutex_unlock(&host.lock);
    return result;
}

static int set_up(void **state)
{
    host.begun = host.ended = host.failing = host.interrupted = 0;
    host.at_once_most = host.waiting = 0;
    host.let = UINT32_MAX;
    host.during = NULL;
    return set_up_storage(state);
}

static enum hf_status flush(uint32_t id)
{
    return arena_flush(storage.arena, &(struct hf_flush){.object = id});
}

struct caller {
    pthread_t thread;
    uint32_t id;
    enum hf_status status;
};

static void *flush_in_thread(void *argument)
{
    struct caller *caller = argument;

    caller->status = flush(caller->id);
    return NULL;
}

static void begin(struct caller *caller, uint32_t id)
{
    caller->id = id;
    assert_int_equal(pthread_create(&caller->thread, NULL, flush_in_thread, caller), 0);
}

static void wait_for(const unsigned *counter, unsigned number)
{
    const struct timespec far = {.tv_sec = INT32_MAX};

    pthread_mutex_lock(&host.lock);
    while (*counter != number)
        pthread_cond_timedwait(&host.changed, &host.lock, &far);
    pthread_mutex_unlock(&host.lock);
}

static void let(unsigned number)
{
    pthread_mutex_lock(&host.lock);
    host.let = number;
    pthread_cond_broadcast(&host.changed);
    pthread_mutex_unlock(&host.lock);
}

/* One call whose fsync is on, and others that wait, all at once. */
static void begin_all(struct caller callers[CALLERS], uint32_t id)
{
    let(0);
    begin(&callers[0], id);
    wait_for(&host.begun, 1);
    for (unsigned i = 1; i < CALLERS; i++)
        begin(&callers[i], id);
    wait_for(&host.waiting, CALLERS - 1);
}

static void end_all(struct caller callers[CALLERS], enum hf_status wanted)
{
    let(UINT32_MAX);
    for (unsigned i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, wanted);
    }
}

static void a_file_is_flushed_once_for_a_call(void **state)
{
    struct arena_counters counters;

    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    assert_int_equal(flush(id), HF_OK);
    assert_int_equal(flush(id), HF_OK);
    assert_int_equal(host.ended, 2);
    arena_counters(storage.arena, &counters);
    assert_int_equal(counters.flushes, 2);
}

static void what_a_guest_cannot_write_is_not_flushed(void **state)
{
    (void)state;
    assert_int_equal(flush(attach("memory", "", 4096, false)), HF_OK);
    assert_int_equal(flush(attach("ro", storage.path, 0, true)), HF_OK);
    assert_int_equal(host.begun, 0);
}

static void no_other_id_is_taken(void **state)
{
    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    assert_int_equal(flush(HF_RAM), HF_NO_OBJECT);
    assert_int_equal(flush(id + 1), HF_NO_OBJECT);
    assert_int_equal(flush(UINT32_MAX), HF_NO_OBJECT);
    assert_int_equal(arena_detach(storage.arena, "disk", false), ARENA_DETACHED);
    assert_int_equal(flush(id), HF_NO_OBJECT);
    assert_int_equal(host.begun, 0);
}

static void a_signal_does_not_end_it(void **state)
{
    (void)state;
    host.interrupted = 3;
    assert_int_equal(flush(attach("disk", storage.path, 0, false)), HF_OK);
    assert_int_equal(host.interrupted, 0);
    assert_int_equal(host.ended, 1);
}

static uint32_t disk;

static void map_something(void)
{
    assert_true(nothing_is_held());
    assert_int_equal(map_pages(disk, 0, 1)[0], 'x');
    map_pages(HF_RAM, 1, 1);
}

static void others_map_meanwhile(void **state)
{
    (void)state;
    disk = attach("disk", storage.path, 0, false);
    host.during = map_something;
    assert_int_equal(flush(disk), HF_OK);
    assert_int_equal(host.ended, 1);
}

static void a_forced_detach_does_not_wait_and_takes_nothing_away(void **state)
{
    struct caller callers[CALLERS];

    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    const uint8_t *page = map_pages(id, 0, 1);
    const int fd = storage.memory->object[1].fd;
    begin_all(callers, id);
    assert_int_equal(arena_detach(storage.arena, "disk", true), ARENA_DETACHED);
    assert_false(readable(page));
    assert_true(is_open(fd));
    assert_int_equal(flush(id), HF_NO_OBJECT);

    /* Another object does not get the slot that is in use. */
    const uint32_t other = attach("disk", storage.path, 0, false);
    assert_int_equal(storage.memory->object[1].fd, fd);
    assert_int_not_equal(other, id);
    end_all(callers, HF_OK);
    assert_false(is_open(fd));
    assert_int_equal(storage.memory->object[1].fd, -1);

    /* The slot is free now. */
    attach("more", "", 4096, false);
    assert_true(storage.memory->object[1].fd >= 0);
    assert_int_equal(flush(other), HF_OK);
}

static void calls_share_the_next_fsync(void **state)
{
    struct caller callers[CALLERS];

    (void)state;
    begin_all(callers, attach("disk", storage.path, 0, false));
    end_all(callers, HF_OK);
    assert_int_equal(host.ended, 2); /* the first call's did not count for the others */
    assert_int_equal(host.at_once_most, 1);
}

static void an_error_reaches_all_that_waited(void **state)
{
    struct caller callers[CALLERS];

    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    host.failing = 1;
    host.cause = EIO;
    begin_all(callers, id);
    end_all(callers, HF_IO_ERROR);
    assert_int_equal(host.ended, 2);
    assert_int_equal(flush(id), HF_OK);
}

static void an_object_does_not_wait_for_another(void **state)
{
    struct caller slow;

    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    const uint32_t other = attach("other", storage.path, 0, false);
    let(0);
    begin(&slow, id);
    wait_for(&host.begun, 1);
    struct caller callers[1];
    begin(&callers[0], other);
    wait_for(&host.begun, 2);
    assert_int_equal(host.ended, 0);
    let(UINT32_MAX);
    pthread_join(slow.thread, NULL);
    pthread_join(callers[0].thread, NULL);
    assert_int_equal(slow.status, HF_OK);
    assert_int_equal(callers[0].status, HF_OK);
}

static unsigned host_counter(const unsigned *counter)
{
    pthread_mutex_lock(&host.lock);
    const unsigned value = *counter;
    pthread_mutex_unlock(&host.lock);
    return value;
}

static void *call_often(void *argument)
{
    struct caller *caller = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        const unsigned begun = host_counter(&host.begun);
        if (flush(caller->id) != HF_OK || host_counter(&host.ended) < begun + 1)
            caller->status = HF_IO_ERROR;
    }
    return NULL;
}

static void each_call_sees_the_end_of_an_fsync_that_began_after_it(void **state)
{
    struct caller callers[CALLERS];

    (void)state;
    const uint32_t id = attach("disk", storage.path, 0, false);
    for (unsigned i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.id = id, .status = HF_OK};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    end_all(callers, HF_OK);
    assert_int_equal(host.at_once_most, 1);
    assert_true(host.ended <= CALLERS * ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, take_down_storage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_flushed_once_for_a_call),
        TEST(what_a_guest_cannot_write_is_not_flushed),
        TEST(no_other_id_is_taken),
        TEST(a_signal_does_not_end_it),
        TEST(others_map_meanwhile),
        TEST(a_forced_detach_does_not_wait_and_takes_nothing_away),
        TEST(calls_share_the_next_fsync),
        TEST(an_error_reaches_all_that_waited),
        TEST(an_object_does_not_wait_for_another),
        TEST(each_call_sees_the_end_of_an_fsync_that_began_after_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
