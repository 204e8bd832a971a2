/* SPDX-License-Identifier: MIT
 * Events come out in order and whole, whatever several threads record at once; a guest that makes
 * as many as it likes pushes out nothing that an operator did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "vmm/events/events.h"

#define ROOM 64u

static int setup(void **state)
{
    (void)state;
    events_begin();
    return 0;
}

static void attached(const char *name, uint64_t window)
{
    events_record(&(struct event){.kind = EVENT_ATTACHED, .window = window, .address = ~window},
                  name);
}

static void they_come_in_order_with_all_that_they_say(void **state)
{
    const struct event fault = {.kind = EVENT_FAULT,
                                .vcpu = 3,
                                .has_vcpu = true,
                                .by_guest = true,
                                .has_address = true,
                                .tag = 0x6b736944,
                                .window = 7,
                                .address = UINT64_MAX - 1,
                                .rip = 0xffffffff81000000,
                                .waited_ms = 12};
    struct event events[ROOM];
    uint64_t next;
    uint64_t lost;
    (void)state;
    events_record(&fault, NULL);
    attached("disk", 1);
    assert_int_equal(events_read(0, events, ROOM, &next, &lost), 2);
    assert_int_equal(next, 2);
    assert_int_equal(lost, 0);
    assert_int_equal(events[0].number, 1);
    assert_int_equal(events[0].kind, EVENT_FAULT);
    assert_int_equal(events[0].vcpu, 3);
    assert_true(events[0].has_vcpu && events[0].by_guest && events[0].has_address);
    assert_int_equal(events[0].tag, 0x6b736944);
    assert_int_equal(events[0].window, 7);
    assert_true(events[0].address == UINT64_MAX - 1);
    assert_true(events[0].rip == 0xffffffff81000000);
    assert_int_equal(events[0].waited_ms, 12);
    assert_string_equal(events[0].name, "");
    assert_true(events[0].time_ms > 1600000000000);
    assert_string_equal(events[1].name, "disk");
    assert_int_equal(events_read(1, events, ROOM, &next, &lost), 1);
    assert_string_equal(events[0].name, "disk");
}

static void a_name_that_is_too_long_is_cut(void **state)
{
    char name[200];
    struct event event;
    uint64_t next;
    uint64_t lost;
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    attached(name, 1);
    assert_int_equal(events_read(0, &event, 1, &next, &lost), 1);
    assert_int_equal(strlen(event.name), EVENT_NAME_ROOM - 1);
}

static void what_is_not_kept_any_more_is_counted(void **state)
{
    struct event events[ROOM];
    uint64_t next;
    uint64_t lost;
    (void)state;
    for (uint64_t i = 1; i <= EVENTS_KEPT + 10; i++)
        attached("disk", i);
    assert_int_equal(events_read(0, events, ROOM, &next, &lost), ROOM);
    assert_int_equal(lost, 10);
    assert_int_equal(events[0].window, 11);
    assert_int_equal(next, 10 + ROOM);
}

static void a_number_that_was_never_given_leads_to_the_last_one(void **state)
{
    struct event events[ROOM];
    uint64_t next;
    uint64_t lost;
    (void)state;
    attached("disk", 1);
    assert_false(events_are_there(1));
    assert_true(events_are_there(UINT64_MAX));
    assert_int_equal(events_read(UINT64_MAX, events, ROOM, &next, &lost), 0);
    assert_int_equal(next, 1);
    assert_int_equal(lost, 0);
}

static void a_guest_that_faults_all_the_time_pushes_nothing_out(void **state)
{
    struct event events[EVENTS_KEPT];
    uint64_t next;
    uint64_t lost;
    (void)state;
    attached("disk", 1);
    for (unsigned i = 0; i < 10 * EVENTS_KEPT; i++) {
        events_record(&(struct event){.kind = EVENT_FAULT}, NULL);
        events_record(&(struct event){.kind = EVENT_RESET}, NULL);
        events_record(&(struct event){.kind = EVENT_RESCUE_BEGINS}, NULL);
    }
    attached("data", 2);
    const uint32_t count = events_read(0, events, EVENTS_KEPT, &next, &lost);
    assert_int_equal(lost, 0);
    assert_true(count < EVENTS_KEPT / 2);
    assert_string_equal(events[0].name, "disk");
    assert_string_equal(events[count - 1].name, "data");
}

#define THREADS 4u
#define EACH    20000u

static void *record_many(void *argument)
{
    char name[EVENT_NAME_ROOM];
    const uint64_t thread = (uintptr_t)argument;
    for (uint64_t i = 0; i < EACH; i++) {
        snprintf(name, sizeof name, "%llu", (unsigned long long)(thread * EACH + i));
        attached(name, thread * EACH + i);
    }
    return NULL;
}

/* Each is what one thread has recorded, and each thread's come in its order. */
static void check(const struct event *event, uint64_t last[THREADS])
{
    char name[EVENT_NAME_ROOM];
    const uint64_t thread = event->window / EACH;
    snprintf(name, sizeof name, "%llu", (unsigned long long)event->window);
    assert_string_equal(event->name, name);
    assert_true(event->address == ~event->window);
    assert_true(thread < THREADS);
    assert_true(last[thread] == UINT64_MAX || event->window > last[thread]);
    last[thread] = event->window;
}

static void threads_that_record_at_once_disturb_nobody(void **state)
{
    pthread_t threads[THREADS];
    uint64_t last[THREADS];
    struct event events[ROOM];
    uint64_t after = 0;
    uint64_t seen = 0;
    (void)state;
    memset(last, 0xff, sizeof last);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, record_many, (void *)i), 0);
    while (after < THREADS * EACH) {
        uint64_t lost;
        const uint32_t count = events_read(after, events, ROOM, &after, &lost);
        for (uint32_t i = 0; i < count; i++)
            check(&events[i], last);
        seen += count + lost;
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(seen, THREADS * EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(they_come_in_order_with_all_that_they_say, setup),
        cmocka_unit_test_setup(a_name_that_is_too_long_is_cut, setup),
        cmocka_unit_test_setup(what_is_not_kept_any_more_is_counted, setup),
        cmocka_unit_test_setup(a_number_that_was_never_given_leads_to_the_last_one, setup),
        cmocka_unit_test_setup(a_guest_that_faults_all_the_time_pushes_nothing_out, setup),
        cmocka_unit_test_setup(threads_that_record_at_once_disturb_nobody, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
