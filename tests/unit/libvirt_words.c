/* SPDX-License-Identifier: MIT
 * What libvirt writes behind an option, in the old form and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/libvirt/words.h"

static void holds(const char *text, const char *key, const char *value)
{
    struct error error = {""};
    json_t *words = words_parse("-x", text, "first", &error);
    if (words == NULL)
        fail_msg("%s: %s", text, error.text);
    const char *found = words_get(words, key);
    if (value == NULL)
        assert_null(found);
    else
        assert_string_equal(found, value);
    json_decref(words);
}

static void refused(const char *text, const char *why)
{
    struct error error = {""};
    assert_null(words_parse("-x", text, "first", &error));
    if (strstr(error.text, why) == NULL)
        fail_msg("%s: %s", text, error.text);
}

static void a_comma_that_is_written_twice_is_part_of_the_value(void **state)
{
    (void)state;
    holds("guest=a,,b,debug=on", "guest", "a,b");
    holds("guest=a,,b,debug=on", "debug", "on");
    holds("a,,,b=c", "first", "a,");
    holds("a,,,b=c", "b", "c");
    holds("path=/a=b/c d,x=y", "path", "/a=b/c d");
    holds("path=\xff\xfe,x=y", "path", "\xff\xfe");
    holds(",,,,", "first", ",,");
}

static void the_first_word_may_lack_its_key_and_later_ones_a_value(void **state)
{
    (void)state;
    holds("pty,id=c", "first", "pty");
    holds("first=pty,id=c", "first", "pty");
    holds("pty,server,id=c", "server", "on");
    holds("pty,", "first", "pty");
    holds("", "first", NULL);
    holds("a=1,a=2", "a", "2");
    refused("a=1,=2", "a key is missing");
    refused("a=1,,=2,=3", "a key is missing");
}

static void json_is_the_same_in_strings(void **state)
{
    (void)state;
    holds("{\"a\":\"b\",\"yes\":true,\"no\":false,\"n\":268435456,\"o\":{\"x\":[1]}}", "a", "b");
    holds("{\"a\":\"b\",\"yes\":true}", "yes", "on");
    holds("{\"no\":false}", "no", "off");
    holds("{\"n\":268435456}", "n", "268435456");
    holds("{\"o\":{\"x\":[1]}}", "o", "{\"x\":[1]}");
    refused("{\"a\":\"b\"", "end of file");
    refused("{\"a\":1,\"a\":2}", "duplicate");
    refused("{\"a\":\"\\u0000\"}", "u0000");
}

static void rules_say_what_is_possible(void **state)
{
    static const struct words_rule rules[] = {
        {"any", NULL, NULL}, {"usb", "off|none", "do without"}, {"on", "on", NULL}};
    struct error error = {""};
    (void)state;
    json_t *words = words_parse("-x", "any=thing,usb=none,on=on", NULL, &error);
    assert_int_equal(WORDS_CHECK("-x", words, rules, &error), 0);
    json_decref(words);
    static const char *const wrong[][2] = {
        {"usb=on", "-x usb=on: not possible with Holdfast; do without"},
        {"usb=of", "not possible"},
        {"usb=", "not possible"},
        {"usb=off|none", "not possible"},
        {"colour=red", "-x colour=red: Holdfast does not know colour"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        words = words_parse("-x", wrong[i][0], NULL, &error);
        assert_int_equal(WORDS_CHECK("-x", words, rules, &error), -1);
        if (strstr(error.text, wrong[i][1]) == NULL)
            fail_msg("%s: %s", wrong[i][0], error.text);
        json_decref(words);
    }
}

static void numbers_have_units(void **state)
{
    uint64_t number;
    (void)state;
    assert_true(words_number("256", 1 << 20, &number) && number == 256u << 20);
    assert_true(words_number("262144k", 1 << 20, &number) && number == 256u << 20);
    assert_true(words_number("1G", 1, &number) && number == 1u << 30);
    assert_true(words_number("0", 1, &number) && number == 0);
    static const char *const none[] = {"",    "k",   "-1",  " 1", "1 ",
                                       "1kk", "1.5", "0x1", "1Q", "99999999999999999999"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(words_number(none[i], 1, &number));
    assert_false(words_number("18446744073709551615", 2, &number));
    assert_false(words_number("99999999T", 1, &number));
}

/* Whatever stands there, it is read or refused. */
static void anything_can_be_read(void **state)
{
    static const char alphabet[] = ",,,===ab{}[]\":\\x";
    struct error error;
    char text[24];
    (void)state;
    srand(1);
    for (int i = 0; i < 20000; i++) {
        const int length = rand() % (int)(sizeof text - 1);
        for (int at = 0; at < length; at++)
            text[at] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        text[length] = '\0';
        json_decref(words_parse("-x", text, i % 2 ? "first" : NULL, &error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comma_that_is_written_twice_is_part_of_the_value),
        cmocka_unit_test(the_first_word_may_lack_its_key_and_later_ones_a_value),
        cmocka_unit_test(json_is_the_same_in_strings),
        cmocka_unit_test(rules_say_what_is_possible),
        cmocka_unit_test(numbers_have_units),
        cmocka_unit_test(anything_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
