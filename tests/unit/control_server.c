/* SPDX-License-Identifier: MIT
 * The server against clients that are mistaken, slow, silent, too many or strangers. After each of
 * them it answers an honest client at once. */
#include "control_fakes.h"
#include "vmm/control/client.h"
#include "vmm/control/server.h"
#include "vmm/wire/frame.h"
#include "vmm/wire/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOON_MS 2000

struct serving {
    char directory[64];
    char path[128];
    struct control *control;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static int setup(void **state)
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

static int teardown(void **state)
{
    struct serving *serving = *state;
    control_stop(serving->control);
    assert_int_equal(rmdir(serving->directory), 0); /* nothing is left in it */
    free(serving);
    return 0;
}

/* ---- a client that does as it likes ---- */

static int join(const struct serving *serving)
{
    int fd;
    do
        fd = socket_connect(serving->path);
    while (fd < 0 && errno == EAGAIN); /* the backlog is full */
    assert_true(fd >= 0);
    return fd;
}

static void wait_for(int fd, short events, int milliseconds)
{
    struct pollfd polled = {.fd = fd, .events = events};
    assert_int_equal(poll(&polled, 1, milliseconds), 1);
}

static void say(int fd, const void *bytes, size_t length)
{
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

static void say_frame(int fd, const void *bytes, size_t length)
{
    uint8_t header[FRAME_HEADER];
    frame_put_length(header, (uint32_t)length);
    say(fd, header, sizeof header);
    if (length > 0)
        say(fd, bytes, length);
}

/* Exactly so many bytes, or fewer if the connection ends before. */
static size_t hear_bytes(int fd, uint8_t *bytes, size_t length)
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

static Response *hear(int fd)
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

static void hear_status(int fd, Status status)
{
    Response *response = hear(fd);
    assert_int_equal(response->status, status);
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static void hear_end(int fd, int milliseconds)
{
    uint8_t byte;
    wait_for(fd, POLLIN, milliseconds);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

static const uint8_t ping[] = {0x10, 3, 0x52, 0};

static void ping_is_answered(int fd)
{
    say_frame(fd, ping, sizeof ping);
    hear_status(fd, STATUS(OK));
}

/* The honest client. */
static void server_is_well(const struct serving *serving)
{
    int fd = join(serving);
    ping_is_answered(fd);
    close(fd);
}

/* ---- frames ---- */

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

/* ---- strangers ---- */

/* As another user: connects, asks, and returns the status of the answer. */
static int ask_as_stranger(const struct serving *serving)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint8_t bytes[1024];
    if (setgid(65534) != 0 || setuid(65534) != 0)
        return 101;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, serving->path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return errno == EACCES ? 102 : 103;
    send(fd, "\0\0\0\3\xaa\1\0", 7, MSG_NOSIGNAL); /* stop */
    ssize_t length = recv(fd, bytes, sizeof bytes, 0);
    if (length < (ssize_t)FRAME_HEADER)
        return 104;
    Response *response = holdfast__control__v1__response__unpack(
        NULL, (size_t)length - FRAME_HEADER, bytes + FRAME_HEADER);
    if (response == NULL)
        return 105;
    if (recv(fd, bytes, sizeof bytes, 0) > 0)
        return 106;
    return (int)response->status;
}

static int as_stranger(const struct serving *serving)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(ask_as_stranger(serving));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void another_user_is_refused_by_the_files_and_by_the_server(void **state)
{
    const struct serving *serving = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(as_stranger(serving), 102);
    /* Somebody has opened the way to the socket: the server looks for itself. */
    assert_int_equal(chmod(serving->directory, 0777), 0);
    assert_int_equal(chmod(serving->path, 0777), 0);
    assert_int_equal(as_stranger(serving), STATUS(REFUSED));
    assert_int_equal(fake.stops, 0);
    server_is_well(serving);
}

/* ---- the socket's name ---- */

static void the_socket_is_for_its_user_only(void **state)
{
    struct stat status;
    assert_int_equal(stat(((struct serving *)*state)->path, &status), 0);
    assert_int_equal(status.st_mode, S_IFSOCK | 0600);
    assert_int_equal(status.st_nlink, 1);
}

static void a_name_in_use_is_refused_and_its_owner_keeps_it(void **state)
{
    struct error error;
    assert_null(control_start(&fake_config, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "a VM named web is already running"));
    assert_non_null(strstr(error.text, "holdfastctl stop web"));
    server_is_well(*state);
}

static void a_socket_whose_server_died_gives_its_name_free(void **state)
{
    struct serving *serving = *state;
    struct control_config config = fake_config;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct error error;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/dead.sock", serving->directory);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    config.name = "dead";
    struct control *other = control_start(&config, NULL, NULL, &error);
    assert_non_null(other);
    struct serving of_other = {.control = other};
    strcpy(of_other.path, address.sun_path);
    server_is_well(&of_other);
    control_stop(other);
    assert_int_equal(access(address.sun_path, F_OK), -1);
}

static void a_file_that_is_no_socket_is_never_removed(void **state)
{
    struct serving *serving = *state;
    struct control_config config = fake_config;
    struct error error;
    char path[128];
    snprintf(path, sizeof path, "%s/precious.sock", serving->directory);
    FILE *file = fopen(path, "w");
    fclose(file);
    config.socket_path = path;
    assert_null(control_start(&config, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "is not a socket"));
    assert_int_equal(unlink(path), 0);
}

static void a_path_too_long_for_a_socket_is_refused_with_its_length(void **state)
{
    struct control_config config = fake_config;
    struct error error;
    char path[200];
    (void)state;
    memset(path, 'p', sizeof path);
    memcpy(path, "/tmp/", 5);
    path[SOCKET_PATH_MAX + 1] = '\0';
    config.socket_path = path;
    assert_null(control_start(&config, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "99 bytes, at most 98"));
}

static void another_socket_under_the_name_survives_the_stop(void **state)
{
    struct serving *serving = *state;
    struct error error;
    assert_int_equal(unlink(serving->path), 0); /* somebody removed it, */
    struct control *other = control_start(&fake_config, NULL, NULL, &error);
    assert_non_null(other); /* and the name was taken again */
    control_stop(serving->control);
    serving->control = other;
    server_is_well(serving);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(malformed_frames_are_answered_and_the_connection_lives_on),
        TEST(the_largest_frame_passes_and_one_byte_more_ends_the_connection),
        TEST(a_frame_of_4_gib_is_refused_with_its_header),
        TEST(a_frame_in_single_bytes_is_a_frame),
        TEST(many_requests_in_one_write_are_answered_in_order),
        TEST(a_client_that_leaves_in_the_middle_harms_nobody),
        TEST(stop_happens_for_a_client_that_does_not_wait_for_the_answer),
        TEST(half_a_frame_is_waited_for_5_seconds_however_it_drips),
        TEST(a_client_that_never_reads_is_dropped_and_the_others_are_served),
        TEST(large_replies_reach_a_slow_reader_whole),
        TEST(a_client_that_is_silent_between_requests_stays_and_costs_nothing),
        TEST(one_client_too_many_is_told_so_and_a_free_place_is_used_again),
        TEST(a_hundred_connections_at_once_are_all_answered),
        TEST(without_free_descriptors_the_server_waits_and_does_not_spin),
        TEST(another_user_is_refused_by_the_files_and_by_the_server),
        TEST(the_socket_is_for_its_user_only),
        TEST(a_name_in_use_is_refused_and_its_owner_keeps_it),
        TEST(a_socket_whose_server_died_gives_its_name_free),
        TEST(a_file_that_is_no_socket_is_never_removed),
        TEST(a_path_too_long_for_a_socket_is_refused_with_its_length),
        TEST(another_socket_under_the_name_survives_the_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
