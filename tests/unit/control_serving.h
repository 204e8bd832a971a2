/* SPDX-License-Identifier: MIT
 * The real server with a made-up machine behind it, and a client that does as it likes. */
#ifndef HOLDFAST_TESTS_CONTROL_SERVING_H
#define HOLDFAST_TESTS_CONTROL_SERVING_H

#include "control_fakes.h"
#include "vmm/control/client.h"
#include "vmm/wire/frame.h"
#include "vmm/wire/socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOON_MS 2000

struct serving {
    char directory[64];
    char path[128];
    struct control *control;
};

static inline uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static inline int setup(void **state)
{
    struct serving *serving = calloc(1, sizeof *serving);
    struct error error;
    fake_reset();
    strcpy(serving->directory, "/tmp/holdfast-test-XXXXXX");
    assert_non_null(mkdtemp(serving->directory));
    setenv("HOLDFAST_RUNTIME_DIR", serving->directory, 1);
    serving->control = control_start(&fake_config, NULL, NULL, &error);
    if (serving->control == NULL)
        fail_msg("%s", error.text);
    strcpy(serving->path, control_socket_path(serving->control));
    *state = serving;
    return 0;
}

static inline int teardown(void **state)
{
    struct serving *serving = *state;
    control_stop(serving->control);
    assert_int_equal(rmdir(serving->directory), 0); /* nothing is left in it */
    free(serving);
    return 0;
}

/* ---- a client that does as it likes ---- */

static inline int join(const struct serving *serving)
{
    int fd;
    do
        fd = socket_connect(serving->path);
    while (fd < 0 && errno == EAGAIN); /* the backlog is full */
    assert_true(fd >= 0);
    return fd;
}

static inline void wait_for(int fd, short events, int milliseconds)
{
    struct pollfd polled = {.fd = fd, .events = events};
    assert_int_equal(poll(&polled, 1, milliseconds), 1);
}

static inline void say(int fd, const void *bytes, size_t length)
{
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

static inline void say_frame(int fd, const void *bytes, size_t length)
{
    uint8_t header[FRAME_HEADER];
    frame_put_length(header, (uint32_t)length);
    say(fd, header, sizeof header);
    if (length > 0)
        say(fd, bytes, length);
}

/* Exactly so many bytes, or fewer if the connection ends before. */
static inline size_t hear_bytes(int fd, uint8_t *bytes, size_t length)
{
    size_t have = 0;
    while (have < length) {
        wait_for(fd, POLLIN, SOON_MS);
        ssize_t received = recv(fd, bytes + have, length - have, 0);
        if (received <= 0)
            break;
        have += (size_t)received;
    }
    return have;
}

static inline Response *hear(int fd)
{
    static uint8_t bytes[RESPONSE_MAX];
    uint8_t header[FRAME_HEADER];
    assert_int_equal(hear_bytes(fd, header, sizeof header), sizeof header);
    uint32_t length = frame_get_length(header);
    assert_in_range(length, 1, sizeof bytes);
    assert_int_equal(hear_bytes(fd, bytes, length), length);
    Response *response = holdfast__control__v1__response__unpack(NULL, length, bytes);
    assert_non_null(response);
    return response;
}

static inline void hear_status(int fd, Status status)
{
    Response *response = hear(fd);
    assert_int_equal(response->status, status);
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static inline void hear_end(int fd, int milliseconds)
{
    uint8_t byte;
    wait_for(fd, POLLIN, milliseconds);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

static const uint8_t ping[] = {0x10, 3, 0x52, 0};

static inline void ping_is_answered(int fd)
{
    say_frame(fd, ping, sizeof ping);
    hear_status(fd, STATUS(OK));
}

/* The honest client. */
static inline void server_is_well(const struct serving *serving)
{
    int fd = join(serving);
    ping_is_answered(fd);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
