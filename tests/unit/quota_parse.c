/* SPDX-License-Identifier: MIT
 * Tags and quotas as operators write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "vmm/options/quota.h"

static uint32_t tag_of(const char *text)
{
    struct error error;
    uint32_t tag = 0;

    return quota_parse_tag(text, &tag, &error) == 0 ? tag : 0;
}

static void a_tag_is_its_characters_in_the_order_of_memory(void **state)
{
    uint32_t tag;

    (void)state;
    memcpy(&tag, "HFBK", 4);
    assert_int_equal(tag_of("HFBK"), tag);
    assert_int_equal(tag_of("HFBK"), 0x4b424648);
    assert_int_equal(tag_of("a"), 0x20202061);
    assert_int_equal(tag_of("a b~"), 0x7e622061);
    assert_int_equal(tag_of("0y"), 0x20207930);
}

static void a_tag_may_be_a_number(void **state)
{
    (void)state;
    assert_int_equal(tag_of("0x1"), 1);
    assert_int_equal(tag_of("0xFfffffff"), 0xffffffffu);
    assert_int_equal(tag_of("0x00000000012"), 0x12);
}

static void what_is_no_tag_is_refused(void **state)
{
    static const char *const bad[] = {
        "",    "12345",       "\x7f", "a\n",  "\xc3\xa4", "0x",   "0x0",
        "0xg", "0x100000000", "0x-1", "0x 1", "0x0x1",    "0x1 ", "0x1ffffffffffffffff"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(tag_of(bad[i]), 0);
}

static int parse(const char *text, uint32_t *tag, struct tag_amounts *quota)
{
    struct error error = {.text = ""};
    const int result = quota_parse(text, tag, quota, &error);

    assert_int_equal(result < 0, error.text[0] != '\0');
    return result;
}

static void a_quota_has_its_words_in_any_order(void **state)
{
    struct tag_amounts quota;
    uint32_t tag;

    (void)state;
    assert_int_equal(parse("tag=HFBK,windows=8,pages=4096", &tag, &quota), 0);
    assert_int_equal(tag, 0x4b424648);
    assert_int_equal(quota.windows, 8);
    assert_int_equal(quota.pages, 4096);
    assert_int_equal(quota.extents, 0);
    assert_int_equal(parse("extents=9223372036854775807,tag=0x7", &tag, &quota), 0);
    assert_int_equal(tag, 7);
    assert_int_equal(quota.extents, INT64_MAX);
    assert_int_equal(quota.windows + quota.pages, 0);
    assert_int_equal(parse("tag==a=b,pages=1", &tag, &quota), 0);
    assert_int_equal(tag, tag_of("=a=b"));
}

static void what_is_no_quota_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "tag=HFBK",
        "windows=8",
        "tag=HFBK,",
        ",tag=HFBK,windows=1",
        "tag=HFBK,windows",
        "tag=HFBK,windows=",
        "tag=HFBK,windows=0",
        "tag=HFBK,windows=-1",
        "tag=HFBK,windows=+1",
        "tag=HFBK,windows= 1",
        "tag=HFBK,windows=1x",
        "tag=HFBK,windows=0x1",
        "tag=HFBK,pages=4K",
        "tag=HFBK,pages=9223372036854775808",
        "tag=HFBK,pages=18446744073709551617",
        "tag=HFBK,windows=1,windows=1",
        "tag=HFBK,tag=HFBK,windows=1",
        "tag=HFBKX,windows=1",
        "tag=,windows=1",
        "tag=HFBK,colour=1",
        "tag=HFBK,window=1",
        "tag=HFBK,windowss=1",
        "tag=HFBK,windows=1,",
        "tag=HFBK,windows=0000000000000000000000000000000000000000000000000000000001",
    };
    struct tag_amounts quota;
    uint32_t tag;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(parse(bad[i], &tag, &quota), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_is_its_characters_in_the_order_of_memory),
        cmocka_unit_test(a_tag_may_be_a_number),
        cmocka_unit_test(what_is_no_tag_is_refused),
        cmocka_unit_test(a_quota_has_its_words_in_any_order),
        cmocka_unit_test(what_is_no_quota_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
