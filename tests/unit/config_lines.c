/* SPDX-License-Identifier: MIT
 * What a line of a configuration file says, byte by byte, and what is refused in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/options/config.h"

static struct config config;
static char text[4096];

static void take(const char *bytes, size_t length)
{
    memcpy(text, bytes, length);
    config_take(&config, "f", text, length);
}

static void says(const char *line, const char *word, const char *value)
{
    struct error error = {""};
    const char *found_word, *found_value;

    take(line, strlen(line));
    if (config_next(&config, &found_word, &found_value, &error) != 1)
        fail_msg("%s: %s", line, error.text);
    assert_string_equal(found_word, word);
    assert_string_equal(found_value, value);
    assert_int_equal(config_next(&config, &found_word, &found_value, &error), 0);
}

static void is_refused(const char *line, size_t length, const char *cause)
{
    struct error error = {""};
    const char *word, *value;

    take(line, length);
    assert_int_equal(config_next(&config, &word, &value, &error), -1);
    if (strncmp(error.text, "f:1: ", 5) != 0 || strstr(error.text, cause) == NULL)
        fail_msg("%s: %s, and not %s", line, error.text, cause);
}

static void refuses(const char *line, const char *cause)
{
    is_refused(line, strlen(line), cause);
}

static void values_are_as_they_stand(void **state)
{
    (void)state;
    says("a = b", "a", "b");
    says("a=b\n", "a", "b");
    says("\t on-panic\t=\tb c  d \t\r\n", "on-panic", "b c  d");
    says("a = b # c", "a", "b # c");
    says("a = b=c", "a", "b=c");
    says("a = x \"y\" z", "a", "x \"y\" z");
    says("a = \\x", "a", "\\x");
    says("a = \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "a", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    says("\n# a = c\n   # d\n\t\r\na = b\n\n", "a", "b");
}

static void quotes_keep_blanks(void **state)
{
    (void)state;
    says("a = \"\"", "a", "");
    says("a = \"  b  \"  ", "a", "  b  ");
    says("a = \"\\\"b\\\\\"", "a", "\"b\\");
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    refuses("a", "no '='");
    refuses("a b", "no '='");
    refuses("a b = c", "no '='");
    refuses("= b", "begins with a word");
    refuses("A = b", "begins with a word");
    refuses("--a = b", "no dashes");
    refuses("a =", "has no value");
    refuses("a = \t ", "has no value");
    refuses("a = \"", "not closed");
    refuses("a = \"b\\\"", "not closed");
    refuses("a = \"b\" c", "behind the closing quote");
    refuses("a = \"\\n\"", "behind a backslash");
    refuses("a = \"\\", "behind a backslash");
    refuses("a = b\rc", "control character");
    refuses("a = b\x7f", "control character");
    refuses("a = \xc3", "not UTF-8");
    refuses("a = \xe2\x82", "not UTF-8");
    refuses("a = \xed\xa0\x80", "not UTF-8");
    refuses("# \xff", "not UTF-8");
    is_refused("a = b\0c", 7, "NUL");
}

static void a_line_goes_on_behind_one_that_is_wrong(void **state)
{
    struct error error;
    const char *word, *value;

    (void)state;
    take("a\n\nb = c", 8);
    assert_int_equal(config_next(&config, &word, &value, &error), -1);
    assert_int_equal(config.line, 1);
    assert_int_equal(config_next(&config, &word, &value, &error), 1);
    assert_int_equal(config.line, 3);
    assert_string_equal(value, "c");
    config_refuse(&config, "b", "cause", &error);
    assert_string_equal(error.text, "f:3: word 'b': cause");
}

static void a_line_has_a_longest(void **state)
{
    struct error error;
    const char *word, *value;
    char *long_text = malloc(CONFIG_LINE_MOST + 8);

    (void)state;
    assert_non_null(long_text);
    memset(long_text, 'x', CONFIG_LINE_MOST + 1);
    memcpy(long_text, "a = ", 4);
    config_take(&config, "f", long_text, CONFIG_LINE_MOST);
    assert_int_equal(config_next(&config, &word, &value, &error), 1);
    assert_int_equal(strlen(value), CONFIG_LINE_MOST - 4);
    memset(long_text, 'x', CONFIG_LINE_MOST + 1);
    config_take(&config, "f", long_text, CONFIG_LINE_MOST + 1);
    assert_int_equal(config_next(&config, &word, &value, &error), -1);
    free(long_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_as_they_stand),
        cmocka_unit_test(quotes_keep_blanks),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_line_goes_on_behind_one_that_is_wrong),
        cmocka_unit_test(a_line_has_a_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
