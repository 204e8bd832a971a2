/* SPDX-License-Identifier: MIT
 * A drill is begun as asked for, one at a time, and ends whatever becomes of the client. */
#include "control_serving.h"
#include "vmm/control/service.h"

static void send_request(int fd, Request *request)
{
    uint8_t bytes[REQUEST_MAX];
    request->id = 4711;
    say_frame(fd, bytes, holdfast__control__v1__request__pack(request, bytes));
}

/* Asks for a drill; the status that came back. */
static Status drill(int fd, int primitive, uint32_t count, uint32_t wait_ms)
{
    MESSAGE(DrillRequest) part = MESSAGE_INIT(DRILL_REQUEST);
    Request request = REQUEST_INIT;
    part.primitive = (Holdfast__Control__V1__Primitive)primitive;
    part.count = count;
    part.wait_ms = wait_ms;
    request.drill = &part;
    request.call_case = CALL(DRILL);
    send_request(fd, &request);
    Response *response = hear(fd);
    const Status status = response->status;
    assert_int_equal(response->id, 4711);
    holdfast__control__v1__response__free_unpacked(response, NULL);
    return status;
}

/* The report; its status where there is none. To be freed. */
static Response *report(int fd)
{
    MESSAGE(DrillReportRequest) part = MESSAGE_INIT(DRILL_REPORT_REQUEST);
    Request request = REQUEST_INIT;
    request.drill_report = &part;
    request.call_case = CALL(DRILL_REPORT);
    send_request(fd, &request);
    return hear(fd);
}

static void no_report(int fd)
{
    Response *response = report(fd);
    assert_int_equal(response->status, STATUS(NOT_FOUND));
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static bool is_running(int fd)
{
    Response *response = report(fd);
    assert_int_equal(response->status, STATUS(OK));
    const bool running = response->drill_report->running;
    holdfast__control__v1__response__free_unpacked(response, NULL);
    return running;
}

static bool ends_within(int milliseconds)
{
    for (; milliseconds > 0 && fake.drill_runs; milliseconds -= 10)
        usleep(10000);
    return !fake.drill_runs;
}

static void each_primitive_can_be_named(void **state)
{
    static const uint32_t wanted[] = {ARENA_DRILL_PRIMITIVES, 1u << PRIMITIVE_MAP,
                                      1u << PRIMITIVE_GUARD,  1u << PRIMITIVE_PREFAULT,
                                      1u << PRIMITIVE_RUN,    1u << PRIMITIVE_REACH};
    int fd = join(*state);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(drill(fd, i, 17, 1000), STATUS(OK));
        assert_int_equal(fake.drill_primitives, wanted[i]);
        assert_int_equal(fake.drill_failures, 17);
        fake.drill_runs = false; /* all have failed */
    }
    close(fd);
}

static void what_makes_no_sense_never_reaches_the_arena(void **state)
{
    int fd = join(*state);
    assert_int_equal(drill(fd, 0, 0, 1000), STATUS(BAD_REQUEST));
    assert_int_equal(drill(fd, 0, ARENA_DRILL_MOST + 1, 1000), STATUS(BAD_REQUEST));
    assert_int_equal(drill(fd, 0, UINT32_MAX, 1000), STATUS(BAD_REQUEST));
    assert_int_equal(drill(fd, 0, 1, 0), STATUS(BAD_REQUEST));
    assert_int_equal(drill(fd, 0, 1, 30001), STATUS(BAD_REQUEST));
    assert_int_equal(drill(fd, 6, 1, 1000), STATUS(BAD_REQUEST));
    assert_int_equal(drill(fd, -1, 1, 1000), STATUS(BAD_REQUEST));
    assert_int_equal(fake.drill_failures, 0);
    assert_int_equal(drill(fd, 0, ARENA_DRILL_MOST, 30000), STATUS(OK));
    close(fd);
}

static void what_the_host_cannot_do_is_told(void **state)
{
    int fd = join(*state);
    fake.drill = ARENA_DRILL_NOTHING;
    assert_int_equal(drill(fd, 3, 1, 1000), STATUS(FAILED));
    no_report(fd);
    close(fd);
}

static void the_report_tells_everything(void **state)
{
    int fd = join(*state);
    assert_int_equal(drill(fd, 0, 5, 30000), STATUS(OK));
    Response *response = report(fd);
    const MESSAGE(DrillReportReply) *reply = response->drill_report;
    assert_true(reply->running);
    assert_int_equal(reply->n_parts, 2);
    assert_int_equal(reply->parts[0]->primitive, 1);
    assert_int_equal(reply->parts[0]->asked, 5);
    assert_int_equal(reply->parts[0]->done, 4);
    assert_int_equal(reply->parts[1]->primitive, 4);
    assert_int_equal(reply->parts[1]->asked, 6);
    assert_int_equal(reply->parts[1]->done, 0);
    assert_int_equal(reply->calls, 31);
    assert_int_equal(reply->failed, 32);
    assert_int_equal(reply->refusals, 33);
    assert_int_equal(reply->rescued, 34);
    assert_int_equal(reply->longest_us, 35);
    holdfast__control__v1__response__free_unpacked(response, NULL);
    close(fd);
}

static void there_is_one_drill_at_a_time(void **state)
{
    int fd = join(*state);
    int other = join(*state);
    no_report(fd);
    assert_int_equal(drill(fd, 1, 5, 30000), STATUS(OK));
    assert_int_equal(drill(other, 2, 9, 30000), STATUS(BUSY));
    assert_int_equal(drill(fd, 2, 9, 30000), STATUS(BUSY));
    assert_int_equal(fake.drill_failures, 5);
    no_report(other);

    /* Its report is still to be had when it has ended. */
    fake.drill_runs = false;
    assert_int_equal(drill(other, 2, 9, 30000), STATUS(BUSY));
    assert_false(is_running(fd));
    close(fd);
    server_is_well(*state);
    assert_int_equal(drill(other, 2, 9, 30000), STATUS(OK));
    close(other);
}

static void a_drill_ends_with_its_time_and_only_then(void **state)
{
    int fd = join(*state);
    uint64_t start = now_ms();
    assert_int_equal(drill(fd, 0, 5, 300), STATUS(OK));
    assert_true(is_running(fd));
    server_is_well(*state);
    assert_true(ends_within(SOON_MS));
    assert_in_range(now_ms() - start, 299, 299 + SOON_MS);
    assert_int_equal(fake.drill_ends, 1);
    assert_false(is_running(fd));
    double used = cpu_seconds();
    usleep(300000);
    assert_true(cpu_seconds() - used < 0.1);
    assert_int_equal(fake.drill_ends, 1);
    close(fd);
}

static void a_drill_ends_with_its_client_and_no_other(void **state)
{
    int fd = join(*state);
    int other = join(*state);
    assert_int_equal(drill(fd, 0, 5, 30000), STATUS(OK));
    ping_is_answered(other);
    close(other);
    server_is_well(*state);
    assert_true(fake.drill_runs);
    close(fd);
    assert_true(ends_within(SOON_MS));
    assert_int_equal(fake.drill_ends, 1);
}

static void a_client_that_is_dropped_takes_its_drill_along(void **state)
{
    int fd = join(*state);
    assert_int_equal(drill(fd, 0, 5, 30000), STATUS(OK));
    say(fd, "\xff\xff\xff\xff", 4); /* no frame has this length */
    hear_status(fd, STATUS(TOO_LARGE));
    assert_true(ends_within(SOON_MS));
    close(fd);
}

static void a_drill_that_a_reset_has_ended_is_not_ended_again(void **state)
{
    int fd = join(*state);
    assert_int_equal(drill(fd, 0, 5, 30000), STATUS(OK));
    fake.drill_runs = false;
    assert_false(is_running(fd));
    close(fd);
    server_is_well(*state);
    assert_int_equal(fake.drill_ends, 0);
}

static void the_end_of_the_service_ends_a_drill(void **state)
{
    struct serving *serving = *state;
    struct error error;
    int fd = join(serving);
    assert_int_equal(drill(fd, 0, 5, 30000), STATUS(OK));
    control_stop(serving->control);
    assert_false(fake.drill_runs);
    assert_int_equal(fake.drill_ends, 1);
    close(fd);
    serving->control = control_start(&fake_config, NULL, NULL, &error);
    assert_non_null(serving->control);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_primitive_can_be_named),
        TEST(what_makes_no_sense_never_reaches_the_arena),
        TEST(what_the_host_cannot_do_is_told),
        TEST(the_report_tells_everything),
        TEST(there_is_one_drill_at_a_time),
        TEST(a_drill_ends_with_its_time_and_only_then),
        TEST(a_drill_ends_with_its_client_and_no_other),
        TEST(a_client_that_is_dropped_takes_its_drill_along),
        TEST(a_drill_that_a_reset_has_ended_is_not_ended_again),
        TEST(the_end_of_the_service_ends_a_drill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
