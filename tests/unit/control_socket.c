/* SPDX-License-Identifier: MIT
 * Who may connect to the control socket, and to whom its name belongs. */
#include "control_serving.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
