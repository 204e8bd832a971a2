/* SPDX-License-Identifier: MIT
 * The text of --object and of holdfastctl attach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vmm/memory/object.h"

static struct object_spec parse(const char *text)
{
    struct object_spec spec;
    struct error error = {""};
    if (object_parse(text, &spec, &error) != 0)
        fail_msg("%s: %s", text, error.text);
    return spec;
}

/* The text is refused with a message that contains this. */
static void refused(const char *text, const char *message)
{
    struct object_spec spec;
    struct error error = {""};
    assert_int_equal(object_parse(text, &spec, &error), -1);
    if (strstr(error.text, message) == NULL)
        fail_msg("%s: %s", text, error.text);
}

static void every_word_is_understood(void **state)
{
    (void)state;
    struct object_spec spec = parse("name=disk,path=/a b/c=d,size=4K,access=rw,create");
    assert_string_equal(spec.name, "disk");
    assert_string_equal(spec.path, "/a b/c=d");
    assert_int_equal(spec.bytes, 4096);
    assert_false(spec.read_only);
    assert_true(spec.create);

    spec = parse("size=1M,name=m");
    assert_string_equal(spec.path, "");
    assert_int_equal(spec.bytes, 1 << 20);
    assert_false(spec.read_only);
    assert_false(spec.create);
    assert_true(parse("name=x,path=p,access=ro").read_only);
}

static void a_comma_in_a_path_is_written_twice(void **state)
{
    (void)state;
    assert_string_equal(parse("name=a,path=/x,,y").path, "/x,y");
    assert_string_equal(parse("path=/x,,,name=a").path, "/x,");
    assert_string_equal(parse("name=a,path=,,,,").path, ",,");
    refused("name=a,path=/x,y", "'y'");
}

static void a_word_that_is_none_is_named(void **state)
{
    (void)state;
    refused("", "''");
    refused("disk", "'disk'");
    refused("name=a,size=1,colour=red", "'colour'");
    refused("name=a,size=1,create=yes", "'create'");
    refused("name=a,size=1,", "''");
    refused("name=a,size=x", "bad size 'x'");
    refused("name=a,size=1,access=w", "bad access 'w'");
}

static void names_have_no_characters_that_could_mislead(void **state)
{
    (void)state;
    refused("size=1", "needs a name");
    refused("name=,size=1", "needs a name");
    refused("name=a/b,size=1", "bad object name 'a/b'");
    refused("name=a b,size=1", "bad object name");
    refused("name=\x1b[31m,size=1", "bad object name");
}

static void a_name_of_63_characters_fits_and_one_more_does_not(void **state)
{
    char text[128];
    (void)state;
    snprintf(text, sizeof text, "size=1,name=%063d", 0);
    assert_int_equal(strlen(parse(text).name), 63);
    snprintf(text, sizeof text, "size=1,name=%064d", 0);
    refused(text, "longer than 63");
}

static void a_path_of_4095_bytes_fits_and_one_more_does_not(void **state)
{
    char text[8192];
    (void)state;
    snprintf(text, sizeof text, "name=a,path=%04095d", 0);
    assert_int_equal(strlen(parse(text).path), 4095);
    snprintf(text, sizeof text, "name=a,path=%04096d", 0);
    refused(text, "longer than 4095");
    snprintf(text, sizeof text, "name=a,path=%07000d", 0);
    refused(text, "longer than");
}

static void words_that_do_not_go_together_are_refused(void **state)
{
    (void)state;
    refused("name=a", "needs a path");
    refused("name=a,size=1,create", "needs its path");
    refused("name=a,path=/x,create", "needs the file's size");
    refused("name=a,path=/x,size=1,create,access=ro", "nobody could fill");
    refused("name=a,path=", "path is empty");
    refused("name=a,size=0", "bad size '0'");
}

static void a_word_counts_once(void **state)
{
    (void)state;
    refused("name=a,name=b,size=1", "name is given twice");
    refused("name=a,size=1,size=1", "size is given twice");
    refused("name=a,path=/x,size=1,create,create", "create is given twice");
    refused("name=a,path=/x,size=1,create,access=ro", "access=ro");
}

static void no_word_comes_twice_and_none_is_empty(void **state)
{
    (void)state;
    refused("name=a,size=1,name=b", "name is given twice");
    refused("path=/x,name=a,path=/x", "path is given twice");
    refused("name=a,size=1,size=1", "size is given twice");
    refused("name=a,size=1,access=ro,access=rw", "access is given twice");
    refused("name=a,path=/x,size=1,create,create", "create is given twice");
    refused("name=a,size=0", "bad size '0'");
    refused("name=a,size=1,path=", "path is empty");
}

static void a_spec_from_elsewhere_is_checked_as_well(void **state)
{
    struct object_spec spec = {.name = "a", .bytes = (uint64_t)INT64_MAX + 1};
    struct error error;
    (void)state;
    assert_int_equal(object_check(&spec, &error), -1);
    spec.bytes = INT64_MAX;
    assert_int_equal(object_check(&spec, &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_understood),
        cmocka_unit_test(a_comma_in_a_path_is_written_twice),
        cmocka_unit_test(a_word_that_is_none_is_named),
        cmocka_unit_test(names_have_no_characters_that_could_mislead),
        cmocka_unit_test(a_name_of_63_characters_fits_and_one_more_does_not),
        cmocka_unit_test(a_path_of_4095_bytes_fits_and_one_more_does_not),
        cmocka_unit_test(words_that_do_not_go_together_are_refused),
        cmocka_unit_test(a_word_counts_once),
        cmocka_unit_test(no_word_comes_twice_and_none_is_empty),
        cmocka_unit_test(a_spec_from_elsewhere_is_checked_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
