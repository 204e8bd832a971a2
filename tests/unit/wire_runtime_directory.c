/* SPDX-License-Identifier: MIT
 * Where the sockets are, and that one process at a time changes what is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/wire/runtime_directory.h"

#define NOBODY 65534

static int setup(void **state)
{
    (void)state;
    unsetenv("HOLDFAST_RUNTIME_DIR");
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("HOME");
    return 0;
}

static void path_is(const char *wanted)
{
    char path[PATH_MAX];
    struct error error = {""};
    if (runtime_directory_path(path, &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(path, wanted);
}

static void no_path(const char *message)
{
    char path[PATH_MAX];
    struct error error = {""};
    assert_int_equal(runtime_directory_path(path, &error), -1);
    assert_non_null(strstr(error.text, message));
}

static void the_chosen_directory_comes_first(void **state)
{
    (void)state;
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    setenv("HOLDFAST_RUNTIME_DIR", "/my/vms", 1);
    path_is("/my/vms");
    setenv("HOLDFAST_RUNTIME_DIR", "vms", 1);
    no_path("HOLDFAST_RUNTIME_DIR is 'vms'");
}

static void root_and_others_have_their_own(void **state)
{
    (void)state;
    setenv("HOLDFAST_RUNTIME_DIR", "", 1); /* as if it were not set */
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    bool root = geteuid() == 0;
    if (root) {
        path_is("/run/holdfast");
        assert_int_equal(seteuid(NOBODY), 0);
    }
    path_is("/run/user/7/holdfast");
    unsetenv("XDG_RUNTIME_DIR");
    no_path("XDG_RUNTIME_DIR is not set");
    setenv("HOME", "/root", 1); /* not nobody's */
    no_path("XDG_RUNTIME_DIR is not set");
    setenv("XDG_RUNTIME_DIR", "run", 1);
    no_path("XDG_RUNTIME_DIR is 'run'");
    if (root)
        assert_int_equal(seteuid(0), 0);
}

/* As libvirt starts a VMM: without XDG_RUNTIME_DIR, with HOME. The CLI finds its VM all the same.
 */
static void without_a_session_it_is_in_the_home_and_found_there(void **state)
{
    char home[] = "/tmp/holdfast-test-XXXXXX";
    char wanted[64];
    char paths[RUNTIME_DIRECTORIES_MOST][PATH_MAX];
    struct error error;
    const bool root = geteuid() == 0;
    (void)state;
    assert_non_null(mkdtemp(home));
    if (root) {
        assert_int_equal(chown(home, NOBODY, NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    setenv("HOME", home, 1);
    snprintf(wanted, sizeof wanted, "%s/.cache/holdfast", home);
    path_is(wanted);
    assert_int_equal(runtime_directory_make(wanted, &error), 0);
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    const int count = runtime_directory_search(paths, &error);
    assert_int_equal(rmdir(wanted), 0);
    *strrchr(wanted, '/') = '\0';
    assert_int_equal(rmdir(wanted), 0);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(rmdir(home), 0);
    assert_int_equal(count, 4);
    assert_string_equal(paths[0], "/run/user/7/holdfast");
    strcat(wanted, "/holdfast");
    assert_string_equal(paths[1], wanted);
    assert_string_equal(paths[2], RUNTIME_DIRECTORY_SHARED);
    assert_string_equal(paths[3], RUNTIME_DIRECTORY_SERVICE);
    setenv("HOLDFAST_RUNTIME_DIR", "/my/vms", 1);
    assert_int_equal(runtime_directory_search(paths, &error), 1);
    setenv("HOLDFAST_RUNTIME_DIR", "vms", 1);
    assert_int_equal(runtime_directory_search(paths, &error), -1);
}

static void a_directory_may_be_shared_with_its_group_only(void **state)
{
    char path[] = "/tmp/holdfast-test-XXXXXX";
    struct stat status;
    struct error error = {""};
    (void)state;
    assert_non_null(mkdtemp(path));
    const mode_t modes[] = {02750, 0750, 02770, 02755, 0755, 01750};
    int made[6], shared[6];
    for (int i = 0; i < 6; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(stat(path, &status), 0);
        shared[i] = runtime_directory_is_shared(&status);
        made[i] = runtime_directory_make(path, &error);
    }
    assert_int_equal(rmdir(path), 0);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(shared[i], i == 0);
        assert_int_equal(made[i], i == 0 ? 0 : -1);
    }
    assert_non_null(strstr(error.text, "is open to others"));
}

static void a_new_directory_is_closed_to_others(void **state)
{
    char parent[] = "/tmp/holdfast-test-XXXXXX";
    char path[64];
    struct stat status;
    struct error error;
    (void)state;
    assert_non_null(mkdtemp(parent));
    strcpy(path, parent);
    strcat(path, "/run");
    umask(0);
    assert_int_equal(runtime_directory_make(path, &error), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(runtime_directory_make(path, &error), 0); /* it may be there */
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(parent), 0);
}

static void the_directory_of_another_user_is_refused(void **state)
{
    char path[] = "/tmp/holdfast-test-XXXXXX";
    struct error error;
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_non_null(mkdtemp(path));
    assert_int_equal(chown(path, 12345, NOBODY), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    int result = runtime_directory_make(path, &error);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(result, -1);
    assert_non_null(strstr(error.text, "belongs to user 12345, not to user 65534"));
}

static void one_at_a_time_has_the_lock(void **state)
{
    char path[] = "/tmp/holdfast-test-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(path));
    for (int shared = 0; shared < 2; shared++) {
        assert_int_equal(chmod(path, shared ? 02750 : 0700), 0);
        int directory = runtime_directory_open(path);
        int first = runtime_directory_lock(directory, 1000);
        int second = runtime_directory_lock(directory, 100);
        int reason = errno;
        runtime_directory_unlock(first);
        int third = runtime_directory_lock(directory, 0);
        runtime_directory_unlock(third);
        close(directory);
        assert_true(first >= 0 && third >= 0);
        assert_int_equal(second, -1);
        assert_int_equal(reason, EWOULDBLOCK);
    }
    char lock[64];
    snprintf(lock, sizeof lock, "%s/" RUNTIME_DIRECTORY_LOCK, path);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(rmdir(path), 0);
}

/* As a member of its group may. */
static void the_lock_of_a_shared_directory_is_not_to_be_had_by_opening_it(void **state)
{
    char path[] = "/tmp/holdfast-test-XXXXXX";
    char lock[64];
    struct stat status;
    (void)state;
    assert_non_null(mkdtemp(path));
    const uid_t owner = geteuid() == 0 ? NOBODY : geteuid();
    assert_int_equal(chown(path, owner, (gid_t)-1), 0);
    assert_int_equal(chmod(path, 02750), 0);
    int member = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(member, LOCK_EX), 0);
    int directory = runtime_directory_open(path);
    int taken = runtime_directory_lock(directory, 0);
    snprintf(lock, sizeof lock, "%s/" RUNTIME_DIRECTORY_LOCK, path);
    int looked = stat(lock, &status);
    close(member);
    close(directory);
    assert_true(taken >= 0);
    runtime_directory_unlock(taken);
    assert_int_equal(looked, 0);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_uid, owner); /* or its VMs could not start after a look of root's */
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_chosen_directory_comes_first),
        TEST(root_and_others_have_their_own),
        TEST(without_a_session_it_is_in_the_home_and_found_there),
        TEST(a_directory_may_be_shared_with_its_group_only),
        TEST(a_new_directory_is_closed_to_others),
        TEST(the_directory_of_another_user_is_refused),
        TEST(one_at_a_time_has_the_lock),
        TEST(the_lock_of_a_shared_directory_is_not_to_be_had_by_opening_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
