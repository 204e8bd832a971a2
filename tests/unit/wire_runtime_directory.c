/* SPDX-License-Identifier: MIT
 * Where the sockets are, and that one process at a time changes what is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/wire/runtime_directory.h"

#define NOBODY 65534

static int setup(void **state)
{
    (void)state;
    unsetenv("HOLDFAST_RUNTIME_DIR");
    unsetenv("XDG_RUNTIME_DIR");
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
    setenv("XDG_RUNTIME_DIR", "run", 1);
    no_path("XDG_RUNTIME_DIR is 'run'");
    if (root)
        assert_int_equal(seteuid(0), 0);
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
    int first = runtime_directory_open(path);
    int second = runtime_directory_open(path);
    assert_int_equal(rmdir(path), 0);
    assert_true(first >= 0 && second >= 0);
    assert_true(runtime_directory_lock(first, 1000));
    assert_false(runtime_directory_lock(second, 100));
    runtime_directory_unlock(first);
    assert_true(runtime_directory_lock(second, 0));
    close(second);
    assert_true(runtime_directory_lock(first, 0));
    close(first);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_chosen_directory_comes_first),    TEST(root_and_others_have_their_own),
        TEST(a_new_directory_is_closed_to_others), TEST(the_directory_of_another_user_is_refused),
        TEST(one_at_a_time_has_the_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
