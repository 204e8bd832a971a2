/* SPDX-License-Identifier: MIT
 * Sizes with and without a suffix; what is none is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "vmm/options/size.h"

static void means(const char *text, uint64_t wanted)
{
    struct error error;
    uint64_t bytes = 1;
    assert_int_equal(size_parse(text, &bytes, &error), 0);
    assert_true(bytes == wanted);
}

static void suffixes_are_powers_of_1024(void **state)
{
    (void)state;
    means("0", 0);
    means("4096", 4096);
    means("1K", 1024);
    means("1k", 1024);
    means("64M", (uint64_t)64 << 20);
    means("3g", (uint64_t)3 << 30);
    means("2T", (uint64_t)2 << 40);
}

static void the_greatest_size_fits_and_more_is_too_large(void **state)
{
    struct error error;
    uint64_t bytes;
    (void)state;
    means("9223372036854775807", INT64_MAX);
    means("8388607T", (uint64_t)8388607 << 40);
    static const char *const large[] = {"9223372036854775808", "8388608T", "99999999999999999999",
                                        "18446744073709551617", "9007199254740992K"};
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        assert_int_equal(size_parse(large[i], &bytes, &error), -1);
        assert_non_null(strstr(error.text, "too large"));
        assert_non_null(strstr(error.text, large[i]));
    }
}

static void what_is_no_size_is_refused_and_named(void **state)
{
    static const char *const bad[] = {"",     "K",    "-1",   "+1", " 1",  "1 ", "1KB",
                                      "1KiB", "1.5G", "0x10", "1P", "ten", "1@"};
    struct error error;
    uint64_t bytes;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(size_parse(bad[i], &bytes, &error), -1);
        assert_non_null(strstr(error.text, bad[i]));
    }
    assert_int_equal(size_parse("1\x0b", &bytes, &error), -1); /* 'K' without one bit */
    assert_int_equal(size_parse("1\xcb", &bytes, &error), -1); /* with one more */
    assert_non_null(strstr(error.text, "1?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suffixes_are_powers_of_1024),
        cmocka_unit_test(the_greatest_size_fits_and_more_is_too_large),
        cmocka_unit_test(what_is_no_size_is_refused_and_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
