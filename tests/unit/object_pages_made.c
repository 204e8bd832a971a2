/* SPDX-License-Identifier: MIT
 * All pages of a file on tmpfs are made when it is attached, also where as much of the file as the
 * object has is there already, but elsewhere. */
#include "host_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define BYTES (16u * HF_PAGE_SIZE) /* of the object, all of which is a hole */
#define BLOCK 512u

static struct memory *memory;
static struct object_spec spec;
static int file;

static int refusal; /* of the host, to make pages; 0: none */

/* In place of the C library's. */
int fallocate(int fd, int mode, off_t offset, off_t length)
{
    errno = refusal;
    return refusal != 0 ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

static uint64_t bytes_there(void)
{
    struct stat status;

    assert_int_equal(fstat(file, &status), 0);
    return (uint64_t)status.st_blocks * BLOCK;
}

static void make_object(void)
{
    struct object object;
    struct error error;

    if (object_open(&spec, &object, &error) < 0 ||
        memory_make_object(memory, spec.name, &object, &error) < 0)
        fail_msg("%s", error.text);
    assert_true(object.made);
    object_close(&object);
}

static void pages_behind_the_object_do_not_count(void **state)
{
    const char text[BYTES] = "behind";

    (void)state;
    assert_int_equal(pwrite(file, text, sizeof text, BYTES), sizeof text);
    spec.bytes = BYTES;
    make_object();
    assert_int_equal(bytes_there(), 2 * BYTES);
    make_object();
    assert_int_equal(bytes_there(), 2 * BYTES);
}

static void pages_behind_the_end_of_the_file_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(ftruncate(file, BYTES), 0);
    assert_int_equal(fallocate(file, FALLOC_FL_KEEP_SIZE, BYTES, BYTES), 0);
    make_object();
    assert_int_equal(bytes_there(), 2 * BYTES);
}

static void pages_are_read_where_they_cannot_be_written(void **state)
{
    const char text[BYTES] = "behind";

    (void)state;
    assert_int_equal(pwrite(file, text, sizeof text, BYTES), sizeof text);
    spec.bytes = BYTES;
    spec.read_only = true;
    make_object();
    assert_int_equal(bytes_there(), 2 * BYTES);
}

/* A tmpfs has a size of its own. */
static void a_refusal_is_told_with_its_cause(void **state)
{
    struct object object;
    struct error error;

    (void)state;
    assert_int_equal(ftruncate(file, BYTES), 0);
    assert_int_equal(object_open(&spec, &object, &error), 0);
    refusal = ENOSPC;
    assert_int_equal(memory_make_object(memory, spec.name, &object, &error), 0);
    assert_false(object.made);
    memory->guarantee = GUARANTEE_STRICT;
    assert_int_equal(memory_make_object(memory, spec.name, &object, &error), -1);
    refusal = 0;
    assert_non_null(strstr(error.text, "No space left on device"));
    object_close(&object);
}

static int set_up(void **state)
{
    struct statfs info;

    (void)state;
    if (statfs("/dev/shm", &info) < 0 || info.f_type != TMPFS_MAGIC)
        return -1;
    spec = (struct object_spec){.name = "object", .path = "/dev/shm/holdfast-test.XXXXXX"};
    file = mkstemp(spec.path);
    assert_true(file >= 0);
    memory = make_memory();
    set_aside(memory);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    unlink(spec.path);
    close(file);
    forget(memory);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_behind_the_object_do_not_count),
        TEST(pages_behind_the_end_of_the_file_do_not_count),
        TEST(pages_are_read_where_they_cannot_be_written),
        TEST(a_refusal_is_told_with_its_cause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
