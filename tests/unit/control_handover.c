/* SPDX-License-Identifier: MIT
 * Descriptors that clients hand over get where they belong, and none is left open; calls that wait
 * for what does not come hold up no others. */
#include "control_serving.h"

#include <fcntl.h>

#define MANY 253 /* SCM_MAX_FD */

/* Sends bytes and so many descriptors, all of them the same. */
static void send_with(int fd, const void *bytes, size_t length, int descriptor, int count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MANY * sizeof(int))];
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int))};
    control.header.cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
    for (int i = 0; i < count; i++)
        memcpy(CMSG_DATA(&control.header) + (size_t)i * sizeof(int), &descriptor, sizeof(int));
    assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), (ssize_t)length);
}

/* An encoded Attach with its frame. */
static size_t attach_frame(uint8_t *frame, bool handed_over)
{
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;
    attach.name = "disk";
    attach.path.data = (uint8_t *)(uintptr_t) "/disk";
    attach.path.len = 5;
    attach.handed_over = handed_over;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    request.id = 4711;
    const size_t length = holdfast__control__v1__request__pack(&request, frame + FRAME_HEADER);
    frame_put_length(frame, (uint32_t)length);
    return FRAME_HEADER + length;
}

/* A pipe whose end is handed over: its other end tells when nobody has it any more. */
static void make_pipe(int ends[2])
{
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static void nobody_has_it(const int ends[2], int milliseconds)
{
    struct pollfd polled = {.fd = ends[0]};
    close(ends[1]);
    assert_int_equal(poll(&polled, 1, milliseconds), 1);
    assert_true((polled.revents & POLLHUP) != 0);
    close(ends[0]);
}

static void a_descriptor_comes_with_any_byte_of_its_request(void **state)
{
    uint8_t frame[256];
    const size_t length = attach_frame(frame, true);
    for (size_t at = 0; at + 1 < length; at += 3) {
        int ends[2];
        int fd = join(*state);
        make_pipe(ends);
        fake.attached_file = -1;
        if (at > 0)
            say(fd, frame, at);
        send_with(fd, frame + at, length - at, ends[1], 1);
        hear_status(fd, STATUS(OK));
        assert_true(fake.attached_file >= 0);
        assert_string_equal(fake.attached.path, "/disk");
        nobody_has_it(ends, SOON_MS);
        close(fd);
    }
}

static void a_descriptor_comes_behind_another_request(void **state)
{
    uint8_t frame[256];
    int ends[2];
    int fd = join(*state);
    make_pipe(ends);
    for (int i = 0; i < 5; i++)
        say_frame(fd, ping, sizeof ping);
    send_with(fd, frame, attach_frame(frame, true), ends[1], 1);
    for (int i = 0; i < 6; i++)
        hear_status(fd, STATUS(OK));
    nobody_has_it(ends, SOON_MS);
    close(fd);
}

static void more_than_one_ends_the_connection(void **state)
{
    uint8_t frame[256];
    const size_t length = attach_frame(frame, true);
    for (int count = 2; count <= MANY; count += (MANY - 2) / 2) {
        int ends[2];
        int fd = join(*state);
        make_pipe(ends);
        send_with(fd, frame, length, ends[1], count);
        hear_status(fd, STATUS(BAD_REQUEST));
        hear_end(fd, SOON_MS);
        nobody_has_it(ends, SOON_MS);
    }
    /* One after the other. */
    int ends[2];
    int fd = join(*state);
    make_pipe(ends);
    for (size_t at = 0; at < 2; at++)
        send_with(fd, frame + at, 1, ends[1], 1);
    hear_status(fd, STATUS(BAD_REQUEST));
    close(fd);
    nobody_has_it(ends, SOON_MS);
    assert_string_equal(fake.attached.name, "");
    server_is_well(*state);
}

static void one_that_no_request_wants_ends_the_connection(void **state)
{
    uint8_t frame[256];
    uint8_t ping_frame[] = {0, 0, 0, 4, 0x10, 3, 0x52, 0};
    int ends[2];
    int fd = join(*state);
    make_pipe(ends);
    send_with(fd, ping_frame, sizeof ping_frame, ends[1], 1);
    hear_status(fd, STATUS(OK));
    hear_status(fd, STATUS(BAD_REQUEST));
    hear_end(fd, SOON_MS);
    nobody_has_it(ends, SOON_MS);

    fd = join(*state);
    make_pipe(ends);
    send_with(fd, frame, attach_frame(frame, false), ends[1], 1);
    hear_status(fd, STATUS(BAD_REQUEST)); /* a path, and nothing to go with it */
    hear_status(fd, STATUS(BAD_REQUEST));
    hear_end(fd, SOON_MS);
    nobody_has_it(ends, SOON_MS);
}

static void a_client_that_leaves_takes_its_descriptors_along(void **state)
{
    int ends[2];
    for (int i = 0; i < 40; i++) {
        int fd = join(*state);
        make_pipe(ends);
        send_with(fd, "\0", 1, ends[1], 1);
        close(fd);
        nobody_has_it(ends, SOON_MS);
    }
    server_is_well(*state);
}

static int attach_begins(const struct serving *serving)
{
    uint8_t frame[256];
    int fd = join(serving);
    int file = open("/dev/null", O_RDWR | O_CLOEXEC);
    send_with(fd, frame, attach_frame(frame, true), file, 1);
    close(file);
    return fd;
}

static void hear_late(int fd)
{
    wait_for(fd, POLLIN, (int)CLIENT_WAIT_MS + SOON_MS);
    Response *response = hear(fd);
    assert_int_equal(response->status, STATUS(BUSY));
    assert_int_equal(response->id, 4711);
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static void files_that_do_not_answer_hold_up_nobody_else(void **state)
{
    static const uint8_t info[] = {0x5a, 0}, windows[] = {0x62, 0}, detach[] = {0x7a, 0};
    enum { CALLS_AT_ONCE = 5 };
    int fds[CALLS_AT_ONCE];
    fake.attach_hangs = true;
    for (int i = 0; i < CALLS_AT_ONCE; i++)
        fds[i] = attach_begins(*state);
    int fd = join(*state);
    ping_is_answered(fd);
    say_frame(fd, info, sizeof info);
    hear_status(fd, STATUS(OK));
    say_frame(fd, windows, sizeof windows);
    hear_status(fd, STATUS(OK));
    say_frame(fd, detach, sizeof detach);
    hear_status(fd, STATUS(OK));
    close(fds[0]); /* its call goes on */
    for (int i = 1; i < CALLS_AT_ONCE; i++)
        hear_late(fds[i]);
    ping_is_answered(fds[1]);
    /* What comes late is no answer to the next request. */
    fake.attach_hangs = false;
    usleep(200000);
    ping_is_answered(fds[1]);
    for (int i = 1; i < CALLS_AT_ONCE; i++)
        close(fds[i]);
    close(fd);
    server_is_well(*state);
}

static void a_pause_that_does_not_come_to_its_end_can_be_taken_back(void **state)
{
    static const uint8_t pause_it[] = {0x08, 2, 0x92, 1, 0}, resume[] = {0x9a, 1, 0},
                         stop[] = {0xaa, 1, 0};
    int waits = join(*state);
    int fd = join(*state);
    fake.pause_hangs = true;
    say_frame(waits, pause_it, sizeof pause_it);
    usleep(100000);
    say_frame(fd, resume, sizeof resume);
    hear_status(fd, STATUS(OK));
    say_frame(fd, stop, sizeof stop);
    hear_status(fd, STATUS(OK));
    for (int i = 0; i < 200 && fake.stops == 0; i++)
        usleep(10000);
    assert_int_equal(fake.stops, 1);
    fake.pause_hangs = false;
    hear_status(waits, STATUS(OK));
    close(waits);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_descriptor_comes_with_any_byte_of_its_request),
        TEST(a_descriptor_comes_behind_another_request),
        TEST(more_than_one_ends_the_connection),
        TEST(one_that_no_request_wants_ends_the_connection),
        TEST(a_client_that_leaves_takes_its_descriptors_along),
        TEST(files_that_do_not_answer_hold_up_nobody_else),
        TEST(a_pause_that_does_not_come_to_its_end_can_be_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
