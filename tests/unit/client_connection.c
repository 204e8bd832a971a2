/* SPDX-License-Identifier: MIT
 * libholdfast against the real server, and against one that does as it likes: several threads on
 * one connection, no waiting where none is wanted, time limits, interruptions, nonsense. */
#include "control_serving.h"

#include "holdfast/client.h"
#include "vmm/events/events.h"

#include <pthread.h>
#include <stdio.h>

/* ---- the real server ---- */

static struct holdfast *connect_to_it(const struct serving *serving)
{
    struct holdfast *connection = holdfast_connect(serving->path);
    assert_int_equal(holdfast_status(connection), HOLDFAST_OK);
    return connection;
}

static void replies_are_what_the_server_says(void **state)
{
    struct holdfast *connection = connect_to_it(*state);
    const struct holdfast_reply *info = holdfast_info(connection);
    assert_int_equal(info->status, HOLDFAST_OK);
    assert_int_equal(info->protocol_minor, PROTOCOL_MINOR);
    assert_string_equal(info->info->kernel, "/boot/kernel");
    assert_int_equal(info->info->state, HOLDFAST_STATE_RUNNING);
    assert_null(info->stats);
    fake.detach = ARENA_IN_USE;
    const struct holdfast_reply *detach = holdfast_detach(connection, "disk", false);
    assert_int_equal(detach->status, HOLDFAST_IN_USE);
    assert_non_null(strstr(detach->text, "IN_USE"));
    holdfast_close(connection);
    /* Replies outlive their connection. */
    assert_string_equal(info->info->append, "quiet");
    holdfast_free(info);
    holdfast_free(detach);
}

static void all_windows_come_in_one_reply(void **state)
{
    struct holdfast *connection = connect_to_it(*state);
    const struct holdfast_reply *reply = holdfast_all_windows(connection);
    assert_int_equal(reply->status, HOLDFAST_OK);
    assert_int_equal(reply->windows->windows_count, FAKE_WINDOWS);
    for (size_t i = 0; i < FAKE_WINDOWS; i++)
        assert_int_equal(reply->windows->windows[i]->tag, i);
    holdfast_free(reply);
    holdfast_close(connection);
}

static void *ask_often(void *argument)
{
    struct holdfast *connection = argument;
    for (uint32_t i = 0; i < 200; i++) {
        const struct holdfast_reply *windows = holdfast_windows(connection, 0, 1 + i % 7);
        const struct holdfast_reply *pong = holdfast_ping(connection);
        assert_int_equal(windows->status, HOLDFAST_OK);
        assert_int_equal(windows->windows->windows_count, 1 + i % 7);
        assert_int_equal(pong->status, HOLDFAST_OK);
        assert_string_equal(pong->ping->name, "web");
        holdfast_free(windows);
        holdfast_free(pong);
    }
    return NULL;
}

static void threads_share_a_connection_and_get_their_own_replies(void **state)
{
    pthread_t threads[4];
    struct holdfast *connection = connect_to_it(*state);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, connection), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    holdfast_close(connection);
}

static const struct holdfast_reply *poll_for_reply(struct holdfast *connection)
{
    const struct holdfast_reply *reply;
    while ((reply = holdfast_receive(connection)) == NULL) {
        struct pollfd polled = {.fd = holdfast_fd(connection),
                                .events = holdfast_poll_events(connection)};
        poll(&polled, 1, holdfast_poll_timeout(connection));
    }
    return reply;
}

static void requests_are_sent_and_received_without_waiting(void **state)
{
    struct holdfast *connection = connect_to_it(*state);
    uint64_t numbers[HOLDFAST_REQUESTS_MOST];
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++)
        assert_true((numbers[i] = holdfast_send_stats(connection)) != 0);
    assert_int_equal(holdfast_send_ping(connection), 0);
    const struct holdfast_reply *too_many = holdfast_ping(connection);
    assert_int_equal(too_many->status, HOLDFAST_TOO_MANY);
    holdfast_free(too_many);
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++) {
        const struct holdfast_reply *reply = poll_for_reply(connection);
        assert_int_equal(reply->status, HOLDFAST_OK);
        assert_true(reply->request == numbers[i]);
        assert_int_equal(reply->stats->maps, 21);
        holdfast_free(reply);
    }
    assert_null(holdfast_receive(connection));
    const struct holdfast_reply *none = holdfast_wait(connection, numbers[0]);
    assert_int_equal(none->status, HOLDFAST_BAD_ARGUMENT);
    holdfast_free(none);
    holdfast_close(connection);
}

static void a_file_is_handed_over_beside_its_own_request(void **state)
{
    struct holdfast *connection = connect_to_it(*state);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const uint64_t before = holdfast_send_stats(connection);
    const uint64_t attach =
        holdfast_send_attach_file(connection, "disk", "/disk", 4096, true, ends[1]);
    close(ends[1]);
    const struct holdfast_reply *stats = holdfast_wait(connection, before);
    const struct holdfast_reply *reply = holdfast_wait(connection, attach);
    assert_int_equal(stats->status, HOLDFAST_OK);
    assert_int_equal(reply->status, HOLDFAST_OK);
    assert_string_equal(fake.attached.path, "/disk");
    assert_true(fake.attached.read_only);
    assert_true(fake.attached_file >= 0);
    close(ends[0]);
    holdfast_free(stats);
    holdfast_free(reply);
    const struct holdfast_reply *bad =
        holdfast_attach_file(connection, "disk", NULL, 0, false, ends[0]);
    assert_int_equal(bad->status, HOLDFAST_BAD_ARGUMENT);
    holdfast_free(bad);
    holdfast_close(connection);
}

static void an_event_ends_the_wait_for_it_and_others_are_served_meanwhile(void **state)
{
    struct holdfast *waiting = connect_to_it(*state);
    struct holdfast *other = connect_to_it(*state);
    const struct holdfast_reply *now = holdfast_events(waiting, HOLDFAST_EVENTS_NEW, 0);
    assert_int_equal(now->status, HOLDFAST_OK);
    const uint64_t request = holdfast_send_events(waiting, now->events->next, 8000);
    for (int i = 0; i < 20; i++) {
        const struct holdfast_reply *stats = holdfast_stats(other);
        assert_int_equal(stats->status, HOLDFAST_OK);
        holdfast_free(stats);
    }
    assert_null(holdfast_receive(waiting));
    events_record(&(struct event){.kind = EVENT_ATTACHED}, "disk");
    const struct holdfast_reply *reply = holdfast_wait(waiting, request);
    assert_int_equal(reply->status, HOLDFAST_OK);
    assert_int_equal(reply->events->events_count, 1);
    assert_int_equal(reply->events->events[0]->kind, HOLDFAST_EVENT_ATTACHED);
    assert_string_equal(reply->events->events[0]->name, "disk");
    const struct holdfast_reply *none = holdfast_events(waiting, reply->events->next, 60);
    assert_int_equal(none->status, HOLDFAST_OK);
    assert_int_equal(none->events->events_count, 0);
    holdfast_free(now);
    holdfast_free(reply);
    holdfast_free(none);
    holdfast_close(waiting);
    holdfast_close(other);
}

/* ---- a server that does as it likes ---- */

struct made_up {
    int listener;
    char path[100];
    struct holdfast *connection;
    int fd; /* of the connection, its other end */
};

static void begin(struct made_up *server, const struct serving *serving)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(server->path, sizeof server->path, "%s/made-up", serving->directory);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", server->path);
    server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    server->connection = holdfast_connect_to(server->path, "web");
    assert_int_equal(holdfast_status(server->connection), HOLDFAST_OK);
    server->fd = accept(server->listener, NULL, NULL);
    assert_true(server->fd >= 0);
}

static void end(struct made_up *server)
{
    holdfast_close(server->connection);
    close(server->listener);
    close(server->fd);
    unlink(server->path);
}

/* Afterwards the connection is of no use, and says the same. */
static void expect(struct made_up *server, const struct holdfast_reply *reply,
                   enum holdfast_status status)
{
    if (reply->status != status)
        fail_msg("%s, %s; not %s", holdfast_status_name(reply->status), reply->text,
                 holdfast_status_name(status));
    holdfast_free(reply);
    assert_int_equal(holdfast_status(server->connection), status);
    assert_true(holdfast_text(server->connection)[0] != '\0');
    reply = holdfast_ping(server->connection);
    assert_int_equal(reply->status, status);
    holdfast_free(reply);
}

static void a_server_that_is_silent_costs_the_time_limit(void **state)
{
    struct made_up server;
    begin(&server, *state);
    holdfast_set_time_limit(server.connection, 100);
    const uint64_t second = holdfast_send_ping(server.connection);
    expect(&server, holdfast_info(server.connection), HOLDFAST_TIMED_OUT);
    /* The one before it was given up with it. */
    const struct holdfast_reply *reply = holdfast_wait(server.connection, second);
    assert_int_equal(reply->status, HOLDFAST_TIMED_OUT);
    holdfast_free(reply);
    end(&server);
}

static void answer(int fd, uint64_t id, int status, const char *message)
{
    uint8_t bytes[1024];
    Response response = RESPONSE_INIT;
    response.id = id;
    response.status = (Status)status;
    response.message = (char *)(uintptr_t)message;
    say_frame(fd, bytes, holdfast__control__v1__response__pack(&response, bytes));
}

static void *ask_once(void *argument)
{
    const struct holdfast_reply *reply = holdfast_info(argument);
    const enum holdfast_status status = reply->status;
    holdfast_free(reply);
    return (void *)(uintptr_t)status;
}

/* The other one reads it by sending: the one that polls must not sleep on. */
static void a_reply_that_another_thread_reads_wakes_who_waits_for_it(void **state)
{
    struct made_up server;
    uint8_t request[256];
    pthread_t thread;
    void *status;
    begin(&server, *state);
    holdfast_set_time_limit(server.connection, 3600000);
    assert_int_equal(pthread_create(&thread, NULL, ask_once, server.connection), 0);
    wait_for(server.fd, POLLIN, SOON_MS);
    assert_true(recv(server.fd, request, sizeof request, 0) > 0);
    answer(server.fd, 1, STATUS(FAILED), "no");
    for (int i = 0; i < 5; i++) {
        assert_true(holdfast_send_ping(server.connection) != 0);
        /* Nor may it be taken from it. */
        const struct holdfast_reply *reply = holdfast_receive(server.connection);
        assert_null(reply);
    }
    pthread_join(thread, &status);
    assert_int_equal((uintptr_t)status, HOLDFAST_FAILED);
    end(&server);
}

static void *interrupt_soon(void *argument)
{
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    holdfast_interrupt(argument);
    return NULL;
}

static void an_interruption_ends_what_waits(void **state)
{
    struct made_up server;
    pthread_t thread;
    begin(&server, *state);
    holdfast_set_time_limit(server.connection, 3600000);
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, server.connection), 0);
    expect(&server, holdfast_info(server.connection), HOLDFAST_INTERRUPTED);
    pthread_join(thread, NULL);
    end(&server);
}

static void a_server_that_closes_is_told_apart(void **state)
{
    struct made_up server;
    begin(&server, *state);
    shutdown(server.fd, SHUT_RDWR);
    expect(&server, holdfast_info(server.connection), HOLDFAST_DISCONNECTED);
    end(&server);
}

static void one_that_turns_us_away_is_heard(void **state)
{
    struct made_up server;
    begin(&server, *state);
    answer(server.fd, 0, STATUS(BUSY), "too many clients");
    shutdown(server.fd, SHUT_RDWR);
    /* Also by who asks nothing. */
    assert_null(holdfast_receive(server.connection));
    assert_int_equal(holdfast_status(server.connection), HOLDFAST_TURNED_AWAY);
    assert_non_null(strstr(holdfast_text(server.connection), "too many clients"));
    end(&server);
}

static void a_status_that_is_not_known_is_a_failure(void **state)
{
    struct made_up server;
    begin(&server, *state);
    const uint64_t request = holdfast_send_ping(server.connection);
    answer(server.fd, request, 4711, "\x1b[2J\nnew");
    const struct holdfast_reply *reply = holdfast_wait(server.connection, request);
    assert_int_equal(reply->status, HOLDFAST_FAILED);
    assert_non_null(strstr(reply->text, "status 4711"));
    assert_null(strpbrk(reply->text, "\x1b\n"));
    holdfast_free(reply);
    assert_int_equal(holdfast_status(server.connection), HOLDFAST_OK);
    end(&server);
}

static void nonsense_is_called_so(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } answers[] = {
        {"\0\0\0\2\xff\xff", 6},             /* does not decode */
        {"\x7f\xff\xff\xff", 4},             /* 2 GiB */
        {"\0\0\0\0", 4},                     /* to nothing */
        {"\0\0\0\2\x08\x63", 6},             /* to another request */
        {"\0\0\0\5\x08\x01\xaa\x01\x00", 9}, /* id 1, the reply to Stop */
        {"\0\0\0\5\x08\x01\xb2\x01\x00", 9}, /* id 1, the reply to Guarantee, without its parts */
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct made_up server;
        begin(&server, *state);
        say(server.fd, answers[i].bytes, answers[i].length);
        const bool is_last = i + 1 == sizeof answers / sizeof answers[0];
        const uint64_t request = is_last ? holdfast_send_guarantee(server.connection)
                                         : holdfast_send_ping(server.connection);
        expect(&server, holdfast_wait(server.connection, request), HOLDFAST_NONSENSE);
        end(&server);
    }
}

static void no_connection_takes_every_call(void **state)
{
    (void)state;
    const struct holdfast_reply *reply = holdfast_info(NULL);
    assert_int_equal(reply->status, HOLDFAST_NO_MEMORY);
    holdfast_free(reply);
    assert_int_equal(holdfast_send_info(NULL), 0);
    assert_int_equal(holdfast_status(NULL), HOLDFAST_NO_MEMORY);
    assert_null(holdfast_receive(NULL));
    assert_int_equal(holdfast_fd(NULL), -1);
    assert_int_equal(holdfast_process(NULL), -1);
    holdfast_interrupt(NULL);
    holdfast_close(NULL);
    holdfast_free(NULL);
}

static void words_of_an_object_are_read(void **state)
{
    (void)state;
    const struct holdfast_reply *reply =
        holdfast_read_words("name=disk,path=a,,b,size=4K,access=ro");
    assert_int_equal(reply->status, HOLDFAST_OK);
    assert_string_equal(reply->object_words->name, "disk");
    assert_string_equal(reply->object_words->path, "a,b");
    assert_int_equal(reply->object_words->bytes, 4096);
    assert_true(reply->object_words->read_only);
    holdfast_free(reply);
    reply = holdfast_read_words("disk");
    assert_int_equal(reply->status, HOLDFAST_BAD_ARGUMENT);
    holdfast_free(reply);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(replies_are_what_the_server_says),
        SERVED(all_windows_come_in_one_reply),
        SERVED(threads_share_a_connection_and_get_their_own_replies),
        SERVED(requests_are_sent_and_received_without_waiting),
        SERVED(a_file_is_handed_over_beside_its_own_request),
        SERVED(an_event_ends_the_wait_for_it_and_others_are_served_meanwhile),
        SERVED(a_server_that_is_silent_costs_the_time_limit),
        SERVED(a_reply_that_another_thread_reads_wakes_who_waits_for_it),
        SERVED(an_interruption_ends_what_waits),
        SERVED(a_server_that_closes_is_told_apart),
        SERVED(one_that_turns_us_away_is_heard),
        SERVED(a_status_that_is_not_known_is_a_failure),
        SERVED(nonsense_is_called_so),
        cmocka_unit_test(no_connection_takes_every_call),
        cmocka_unit_test(words_of_an_object_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
