/* SPDX-License-Identifier: MIT
 * Clients that are slow, silent or too many harm nobody else. */
#include "control_serving.h"
#include "vmm/control/server.h"

#include <sys/resource.h>

/* ---- time ---- */

static void half_a_frame_is_waited_for_5_seconds_however_it_drips(void **state)
{
    uint64_t start = now_ms();
    int silent = join(*state);
    int dripping = join(*state);
    say(silent, "\0\0", 2);
    say(dripping, "\0\0\1\0", 4);
    while (now_ms() - start < CLIENT_FRAME_MS - 500) {
        say(dripping, "x", 1);
        usleep(200000);
    }
    server_is_well(*state);
    hear_end(silent, SOON_MS);
    hear_end(dripping, SOON_MS);
    assert_in_range(now_ms() - start, CLIENT_FRAME_MS - 1, CLIENT_FRAME_MS + 1500);
    server_is_well(*state);
}

static void a_client_that_never_reads_is_dropped_and_the_others_are_served(void **state)
{
    static const uint8_t windows[] = {0x62, 0};
    uint64_t start = now_ms();
    int fd = join(*state);
    uint8_t header[FRAME_HEADER];
    frame_put_length(header, sizeof windows);
    /* Until nothing more goes in: then the server has stopped to read from us. */
    for (;;) {
        if (send(fd, header, sizeof header, MSG_NOSIGNAL) < 0)
            break;
        if (send(fd, windows, sizeof windows, MSG_NOSIGNAL) < 0)
            break;
    }
    usleep(200000);
    unsigned asked = fake.windows_asked;
    server_is_well(*state);
    assert_int_equal(fake.windows_asked, asked);
    double used = cpu_seconds();
    for (bool open = true; open && now_ms() - start < CLIENT_REPLY_MS + SOON_MS;) {
        struct pollfd polled = {.fd = fd};
        open = poll(&polled, 1, 100) == 0;
    }
    assert_in_range(now_ms() - start, CLIENT_REPLY_MS - 1, CLIENT_REPLY_MS + 1500);
    assert_true(cpu_seconds() - used < 0.5);
    close(fd);
    server_is_well(*state);
}

static void large_replies_reach_a_slow_reader_whole(void **state)
{
    enum { PICTURES = 8 };
    static const uint8_t picture[] = {0x8a, 0x01, 3, 0x08, 0x80, 0x20}; /* 4096 cells */
    int fd = join(*state);
    for (int i = 0; i < PICTURES; i++)
        say_frame(fd, picture, sizeof picture);
    usleep(300000); /* the socket is full */
    for (int i = 0; i < PICTURES; i++) {
        Response *response = hear(fd);
        assert_int_equal(response->picture->n_cells, PICTURE_CELLS_MAX);
        holdfast__control__v1__response__free_unpacked(response, NULL);
    }
    close(fd);
}

static void a_client_that_is_silent_between_requests_stays_and_costs_nothing(void **state)
{
    int fd = join(*state);
    ping_is_answered(fd);
    double used = cpu_seconds();
    usleep((CLIENT_FRAME_MS + 1000) * 1000);
    assert_true(cpu_seconds() - used < 0.5);
    ping_is_answered(fd);
    close(fd);
}

/* What the loop does when poll() tells of input. */
static bool serve(struct desk *desk, struct client *client, uint64_t now)
{
    if (!client_receive(client, now))
        return false;
    desk_serve(desk, client, now);
    return client->output_length == 0 || client_flush(client, now);
}

/* By a clock of its own: nobody wants to wait for a minute. */
static void a_client_may_be_idle_for_a_minute_after_each_answer(void **state)
{
    static uint8_t input[CLIENT_INPUT_ROOM], output[CLIENT_OUTPUT_ROOM];
    static uint8_t decode[SERVICE_DECODE_ROOM], reply[SERVICE_REPLY_ROOM];
    struct service service;
    struct desk desk = {.service = &service};
    struct client client;
    int pair[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    service_init(&service, &fake_config, NULL, NULL);
    answerer_init(&desk.answerer, decode, sizeof decode, reply, sizeof reply);
    client_init(&client, input, output);
    client_begin(&client, pair[0], 1, 1000);
    assert_int_equal(client.deadline_ms, 1000 + CLIENT_IDLE_MS);

    say(pair[1], "\0\0", 2);
    assert_true(serve(&desk, &client, 30000));
    assert_int_equal(client.deadline_ms, 30000 + CLIENT_FRAME_MS);
    say(pair[1], "\0\4\x10\3\x52\0\0", 7); /* the rest of a ping, and a byte of the next frame */
    assert_true(serve(&desk, &client, 31000));
    hear_status(pair[1], STATUS(OK));
    assert_int_equal(client.deadline_ms, 31000 + CLIENT_FRAME_MS);
    say(pair[1], "\0\0\4\x10\3\x52\0", 7);
    assert_true(serve(&desk, &client, 32000));
    hear_status(pair[1], STATUS(OK));
    assert_int_equal(client.deadline_ms, 32000 + CLIENT_IDLE_MS);
    client_end(&client);
    close(pair[1]);
}

/* ---- numbers ---- */

static void one_client_too_many_is_told_so_and_a_free_place_is_used_again(void **state)
{
    int fds[SERVER_CLIENTS];
    for (unsigned i = 0; i < SERVER_CLIENTS; i++) {
        fds[i] = join(*state);
        ping_is_answered(fds[i]);
    }
    int extra = join(*state);
    hear_status(extra, STATUS(BUSY));
    hear_end(extra, SOON_MS);
    for (unsigned i = 0; i < SERVER_CLIENTS; i++)
        ping_is_answered(fds[i]);
    close(fds[3]);
    usleep(100000);
    server_is_well(*state);
    for (unsigned i = 0; i < SERVER_CLIENTS; i++)
        if (i != 3)
            close(fds[i]);
}

static void a_hundred_connections_at_once_are_all_answered(void **state)
{
    enum { MANY = 100 };
    int fds[MANY];
    unsigned served = 0;
    for (int i = 0; i < MANY; i++)
        fds[i] = join(*state);
    for (int i = 0; i < MANY; i++) {
        uint8_t frame[] = {0, 0, 0, 4, 0x10, 3, 0x52, 0};
        ssize_t sent = send(fds[i], frame, sizeof frame, MSG_NOSIGNAL);
        assert_true(sent == sizeof frame || errno == EPIPE);
        Response *response = hear(fds[i]);
        assert_true(response->status == STATUS(OK) || response->status == STATUS(BUSY));
        served += response->status == STATUS(OK);
        holdfast__control__v1__response__free_unpacked(response, NULL);
    }
    assert_int_equal(served, SERVER_CLIENTS);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    usleep(100000);
    server_is_well(*state);
}

/* Leaves no descriptor free; returns how many that took. */
static int use_up_descriptors(int fds[], int room)
{
    int count = 0;
    while (count < room && (fds[count] = dup(STDERR_FILENO)) >= 0)
        count++;
    assert_in_range(count, 1, room - 1);
    return count;
}

static void without_free_descriptors_the_server_waits_and_does_not_spin(void **state)
{
    int fds[256];
    struct rlimit before;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, ((struct serving *)*state)->path);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {.rlim_cur = 128, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int count = use_up_descriptors(fds, 256);

    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    double start = cpu_seconds();
    usleep(1500000);
    assert_true(cpu_seconds() - start < 0.3);
    while (count > 0)
        close(fds[--count]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    ping_is_answered(fd);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(half_a_frame_is_waited_for_5_seconds_however_it_drips),
        TEST(a_client_that_never_reads_is_dropped_and_the_others_are_served),
        TEST(large_replies_reach_a_slow_reader_whole),
        TEST(a_client_that_is_silent_between_requests_stays_and_costs_nothing),
        TEST(a_client_may_be_idle_for_a_minute_after_each_answer),
        TEST(one_client_too_many_is_told_so_and_a_free_place_is_used_again),
        TEST(a_hundred_connections_at_once_are_all_answered),
        TEST(without_free_descriptors_the_server_waits_and_does_not_spin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
