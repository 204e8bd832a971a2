/* SPDX-License-Identifier: MIT
 * A VM's name is safe as a file name, and the socket's file name gives it back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "vmm/wire/vm_name.h"

#define NAME_48 "a23456789_123456789_123456789_123456789_12345678"

static void names_of_letters_digits_and_marks_are_valid(void **state)
{
    struct error error;
    (void)state;
    assert_true(vm_name_valid("a"));
    assert_true(vm_name_valid("7"));
    assert_true(vm_name_valid("Web-1_a.b"));
    assert_true(vm_name_valid(NAME_48));
    assert_int_equal(vm_name_check("web", &error), 0);
}

static void names_that_leave_the_directory_or_hide_are_not(void **state)
{
    static const char *const bad[] = {"",     ".",    "..",  ".hidden",  "-x",      "_x",
                                      "a/b",  "../a", "a b", "a\n",      "\x1b[2J", "a\xc3\xa9",
                                      "a;ls", "a%s",  "a*",  NAME_48 "9"};
    struct error error;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(vm_name_valid(bad[i]));
        assert_int_equal(vm_name_check(bad[i], &error), -1);
        assert_non_null(strstr(error.text, "bad VM name"));
    }
}

static void only_sockets_with_a_valid_name_belong_to_vms(void **state)
{
    char name[VM_NAME_MAX + 1];
    (void)state;
    assert_true(vm_name_of_socket("web.sock", name));
    assert_string_equal(name, "web");
    assert_true(vm_name_of_socket("a.sock.sock", name));
    assert_string_equal(name, "a.sock");
    assert_true(vm_name_of_socket(NAME_48 ".sock", name));
    assert_string_equal(name, NAME_48);
    assert_false(vm_name_of_socket(NAME_48 "9.sock", name));
    assert_false(vm_name_of_socket(".sock", name));
    assert_false(vm_name_of_socket(".web.sock-12", name));
    assert_false(vm_name_of_socket("web.sock2", name));
    assert_false(vm_name_of_socket("web", name));
    assert_false(vm_name_of_socket("", name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_letters_digits_and_marks_are_valid),
        cmocka_unit_test(names_that_leave_the_directory_or_hide_are_not),
        cmocka_unit_test(only_sockets_with_a_valid_name_belong_to_vms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
