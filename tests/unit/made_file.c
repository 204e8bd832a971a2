/* SPDX-License-Identifier: MIT
 * A file that was made is removed by its path only while the path leads to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/process/made_file.h"

static char top[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/holdfast-test-XXXXXX");
    return mkdtemp(top) != NULL && chdir(top) == 0 && mkdir("mine", 0700) == 0 &&
                   mkdir("others", 0700) == 0
               ? 0
               : -1;
}

static int take_down(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(top) == 0 ? 0 : -1;
}

static int make(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

    assert_true(fd >= 0);
    return fd;
}

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void it_is_removed_once(void **state)
{
    struct made_file made = {0};
    char path[96];

    (void)state;
    close(make("mine/other"));
    made_file_remove(&made, "mine/other"); /* nothing was made */
    assert_true(is_there("mine/other"));
    const int fd = make("mine/file");
    made_file_note(&made, fd);
    snprintf(path, sizeof path, "%s/mine/file", top);
    made_file_remove(&made, path);
    assert_false(is_there("mine/file"));
    close(fd);
    close(make("mine/file"));
    made_file_remove(&made, path);
    assert_int_equal(unlink("mine/file"), 0);
    assert_int_equal(unlink("mine/other"), 0);

    const int here = make("here");
    made_file_note(&made, here);
    made_file_remove(&made, "here");
    assert_false(is_there("here"));
    close(here);
}

/* By whoever may write to the directory, or to one above it. */
static void what_was_put_in_its_place_stays(void **state)
{
    struct made_file made = {0};
    const int fd = make("mine/file");

    (void)state;
    made_file_note(&made, fd);
    assert_int_equal(rename("mine/file", "mine/moved"), 0);
    close(make("others/file"));
    assert_int_equal(symlink("../others/file", "mine/file"), 0);
    made_file_remove(&made, "mine/file");
    assert_true(is_there("mine/file") && is_there("others/file"));

    made_file_note(&made, fd);
    assert_int_equal(unlink("mine/file"), 0);
    assert_int_equal(rename("mine", "aside"), 0);
    assert_int_equal(symlink("others", "mine"), 0);
    made_file_remove(&made, "mine/file");
    assert_true(is_there("others/file"));

    close(fd);
    assert_int_equal(unlink("mine"), 0);
    assert_int_equal(unlink("aside/moved"), 0);
    assert_int_equal(rmdir("aside"), 0);
    assert_int_equal(unlink("others/file"), 0);
    assert_int_equal(rmdir("others"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_removed_once),
        cmocka_unit_test(what_was_put_in_its_place_stays),
    };

    return cmocka_run_group_tests(tests, set_up, take_down);
}
