/* SPDX-License-Identifier: MIT
 * A refusal names the limit that may be behind it, and how high that is; where there is none, it
 * says no more than what happened. */
#include "vmm/cause.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* What is said while a soft limit is this low. The program must not notice. */
static void with_limit(int resource, rlim_t limit, const char *(*explain)(int), int error,
                       char text[256])
{
    struct rlimit before;

    assert_int_equal(getrlimit((__rlimit_resource_t)resource, &before), 0);
    struct rlimit low = before;
    low.rlim_cur = limit;
    assert_int_equal(setrlimit((__rlimit_resource_t)resource, &low), 0);
    errno = EDOM;
    snprintf(text, 256, "%s", explain(error));
    const int kept = errno;
    assert_int_equal(setrlimit((__rlimit_resource_t)resource, &before), 0);
    assert_int_equal(kept, EDOM);
}

static void a_limit_is_named_with_its_option_and_value(void **state)
{
    static const struct {
        int resource;
        rlim_t limit;
        const char *(*explain)(int);
        int error;
        const char *option, *value;
    } cases[] = {
        {RLIMIT_AS, 77u << 10, cause_text, ENOMEM, "ulimit -v", "77 KiB"},
        {RLIMIT_DATA, 78u << 10, cause_text, ENOMEM, "ulimit -d", "78 KiB"},
        {RLIMIT_NOFILE, 79, cause_text, EMFILE, "ulimit -n", "79"},
        {RLIMIT_FSIZE, 80u << 10, cause_text, EFBIG, "ulimit -f", "80 KiB"},
        {RLIMIT_MEMLOCK, 81u << 10, cause_of_lock, EPERM, "ulimit -l", "81 KiB"},
        {RLIMIT_NPROC, 82, cause_of_thread, EAGAIN, "ulimit -u", "82"},
        {RLIMIT_SIGPENDING, 83, cause_of_timer, EAGAIN, "ulimit -i", "83"},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        with_limit(cases[i].resource, cases[i].limit, cases[i].explain, cases[i].error, text);
        if (strstr(text, cases[i].option) == NULL || strstr(text, cases[i].value) == NULL ||
            strstr(text, "raise") == NULL || strncmp(text, strerror(cases[i].error), 10) != 0)
            fail_msg("case %zu: %s", i, text);
    }
}

static void what_no_limit_explains_stands_alone(void **state)
{
    (void)state;
    assert_string_equal(cause_text(ENOENT), strerror(ENOENT));
    assert_string_equal(cause_text(ENOSPC), strerror(ENOSPC));
    assert_string_equal(cause_of_thread(EPERM), strerror(EPERM));
    assert_string_equal(cause_text(100000), "error 100000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_is_named_with_its_option_and_value),
        cmocka_unit_test(what_no_limit_explains_stands_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
