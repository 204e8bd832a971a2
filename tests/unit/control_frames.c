/* SPDX-License-Identifier: MIT
 * Whatever frames a client sends and wherever it stops, it is answered or dropped, and the
 * server then answers an honest client at once. */
#include "control_serving.h"

static void malformed_frames_are_answered_and_the_connection_lives_on(void **state)
{
    int fd = join(*state);
    say_frame(fd, "", 0);
    hear_status(fd, STATUS(UNKNOWN_CALL));
    say_frame(fd, "\xff\xff\xff", 3);
    hear_status(fd, STATUS(BAD_REQUEST));
    say_frame(fd, "\x52\x7f", 2);
    hear_status(fd, STATUS(BAD_REQUEST));
    ping_is_answered(fd);
    close(fd);
    server_is_well(*state);
}

static void the_largest_frame_passes_and_one_byte_more_ends_the_connection(void **state)
{
    static uint8_t frame[REQUEST_MAX];
    /* One field 9 of bytes, which nobody knows, fills the frame. */
    frame[0] = 0x4a;
    frame[1] = 0xfc;
    frame[2] = 0xff;
    frame[3] = 0x03;
    int fd = join(*state);
    say_frame(fd, frame, sizeof frame);
    hear_status(fd, STATUS(UNKNOWN_CALL));
    uint8_t header[FRAME_HEADER];
    frame_put_length(header, REQUEST_MAX + 1);
    say(fd, header, sizeof header);
    hear_status(fd, STATUS(TOO_LARGE));
    hear_end(fd, SOON_MS);
    server_is_well(*state);
}

static void a_frame_of_4_gib_is_refused_with_its_header(void **state)
{
    int fd = join(*state);
    say(fd, "\xff\xff\xff\xff", 4);
    hear_status(fd, STATUS(TOO_LARGE));
    hear_end(fd, SOON_MS);
    server_is_well(*state);
}

/* Both may come with one read: nothing more will make the socket readable. */
static void a_frame_too_large_behind_a_request_is_refused_at_once(void **state)
{
    const uint8_t both[] = {0,       0,       0,    sizeof ping, ping[0], ping[1],
                            ping[2], ping[3], 0xff, 0xff,        0xff,    0xff};
    int fd = join(*state);
    say(fd, both, sizeof both);
    hear_status(fd, STATUS(OK));
    hear_status(fd, STATUS(TOO_LARGE));
    hear_end(fd, SOON_MS);
    server_is_well(*state);
}

static void a_frame_in_single_bytes_is_a_frame(void **state)
{
    const uint8_t frame[] = {0, 0, 0, sizeof ping, ping[0], ping[1], ping[2], ping[3]};
    int fd = join(*state);
    for (size_t i = 0; i < sizeof frame; i++) {
        say(fd, &frame[i], 1);
        usleep(2000);
    }
    hear_status(fd, STATUS(OK));
    close(fd);
}

static void many_requests_in_one_write_are_answered_in_order(void **state)
{
    enum { REQUESTS = 500 };
    uint8_t frames[REQUESTS * 9];
    int fd = join(*state);
    for (int i = 0; i < REQUESTS; i++) {
        uint8_t frame[] = {0, 0, 0, 5, 0x10, (uint8_t)(i | 0x80), (uint8_t)(i >> 7), 0x52, 0};
        memcpy(frames + 9 * i, frame, 9);
    }
    say(fd, frames, sizeof frames);
    shutdown(fd, SHUT_WR); /* what was asked before is still answered */
    for (int i = 0; i < REQUESTS; i++) {
        Response *response = hear(fd);
        assert_int_equal(response->id, i);
        holdfast__control__v1__response__free_unpacked(response, NULL);
    }
    hear_end(fd, SOON_MS);
}

static void a_client_that_leaves_in_the_middle_harms_nobody(void **state)
{
    for (int i = 0; i < 200; i++) {
        int fd = join(*state);
        say(fd, "\0\0\0\4\x10\3\x52\0\0\0\1\0only a part", 8 + (size_t)i % 12);
        close(fd);
    }
    server_is_well(*state);
}

static void stop_happens_for_a_client_that_does_not_wait_for_the_answer(void **state)
{
    static const uint8_t stop[] = {0xaa, 0x01, 0};
    int fd = join(*state);
    say_frame(fd, stop, sizeof stop);
    close(fd);
    for (uint64_t end = now_ms() + SOON_MS; fake.stops == 0 && now_ms() < end;)
        usleep(1000);
    assert_int_equal(fake.stops, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(malformed_frames_are_answered_and_the_connection_lives_on),
        TEST(the_largest_frame_passes_and_one_byte_more_ends_the_connection),
        TEST(a_frame_of_4_gib_is_refused_with_its_header),
        TEST(a_frame_too_large_behind_a_request_is_refused_at_once),
        TEST(a_frame_in_single_bytes_is_a_frame),
        TEST(many_requests_in_one_write_are_answered_in_order),
        TEST(a_client_that_leaves_in_the_middle_harms_nobody),
        TEST(stop_happens_for_a_client_that_does_not_wait_for_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
