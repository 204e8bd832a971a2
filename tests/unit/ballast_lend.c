/* SPDX-License-Identifier: MIT
 * Ballast that is lent while somebody else takes it again: what counts as held is in memory. */
#include "vmm/memory/ballast.h"

#include "holdfast/abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOM   (1u << 20)
#define WANTED (512u << 10)

static struct ballast *taken_meanwhile;
static bool refused; /* whether that was */

/* The C library's; before ballast is given back, another thread may have its turn. */
int madvise(void *memory, size_t bytes, int advice)
{
    struct ballast *ballast = taken_meanwhile;

    taken_meanwhile = NULL;
    if (ballast != NULL)
        refused = ballast_resize(ballast) < 0;
    return (int)syscall(SYS_madvise, memory, bytes, advice);
}

static size_t resident(const struct ballast *ballast)
{
    unsigned char pages[ROOM / HF_PAGE_SIZE];
    size_t bytes = 0;

    assert_int_equal(mincore(ballast->memory, ballast->room, pages), 0);
    for (size_t i = 0; i < sizeof pages; i++)
        bytes += (pages[i] & 1) * HF_PAGE_SIZE;
    return bytes;
}

static int setup(void **state)
{
    static struct injection injection;
    static struct ballast ballast;

    assert_int_equal(ballast_init(&ballast, ROOM, false, &injection), 0);
    ballast_want(&ballast, WANTED);
    assert_int_equal(ballast_resize(&ballast), 0);
    assert_int_equal(resident(&ballast), WANTED);
    *state = &ballast;
    return 0;
}

static int teardown(void **state)
{
    ballast_free(*state);
    return 0;
}

static void what_was_lent_is_taken_again(void **state)
{
    struct ballast *ballast = *state;

    assert_true(ballast_lend(ballast));
    assert_int_equal(resident(ballast), 0);
    assert_true(ballast_is_short(ballast));
    assert_false(ballast_lend(ballast));
    assert_int_equal(ballast_resize(ballast), 0);
    assert_false(ballast_is_short(ballast));
    assert_int_equal(resident(ballast), WANTED);
}

/* The lender was interrupted before its system call, and a RESERVE or the ballast's thread came
 * first. */
static void nobody_takes_it_before_it_is_given(void **state)
{
    struct ballast *ballast = *state;

    taken_meanwhile = ballast;
    assert_true(ballast_lend(ballast));
    assert_true(refused);
    assert_true(ballast_is_short(ballast) || resident(ballast) >= WANTED);
    assert_int_equal(ballast_resize(ballast), 0);
    assert_false(ballast_is_short(ballast));
    assert_int_equal(resident(ballast), WANTED);
}

/* A RESERVE took the mark of the lent ballast away, and then the host had nothing to spare. The
 * thread that looked in between saw all as it should be, and sleeps. */
static void thread_is_woken_for_what_was_refused(void **state)
{
    struct ballast *ballast = *state;

    assert_true(ballast_lend(ballast));
    while (sem_trywait(&ballast->work) == 0)
        ;
    injection_set(ballast->injection, PRIMITIVE_BALLAST, 1);
    assert_int_equal(ballast_resize(ballast), -1);
    assert_true(ballast_is_short(ballast));
    assert_int_equal(sem_trywait(&ballast->work), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_lent_is_taken_again),
        TEST(nobody_takes_it_before_it_is_given),
        TEST(thread_is_woken_for_what_was_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
