/* SPDX-License-Identifier: MIT
 * What is well-formed UTF-8 stays, every other byte becomes a question mark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/utf8.h"

static void becomes(const char *before, const char *after)
{
    char *text = strdup(before); /* so that the sanitizer sees a step beyond */
    utf8_repair(text);
    assert_string_equal(text, after);
    free(text);
}

static void well_formed_text_stays(void **state)
{
    static const char *const good[] = {"",
                                       "plain /path",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "gr\xc3\xbc\xc3\x9f"
                                       "e"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        becomes(good[i], good[i]);
}

static void overlong_forms_surrogates_and_stray_bytes_do_not(void **state)
{
    (void)state;
    becomes("\x80", "?");
    becomes("a\xffz", "a?z");
    becomes("\xc0\xaf", "??"); /* '/' in two bytes */
    becomes("\xc1\xbf", "??");
    becomes("\xe0\x9f\xbf", "???"); /* U+07FF in three */
    becomes("\xed\xa0\x80", "???"); /* U+D800 */
    becomes("\xf0\x8f\xbf\xbf", "????");
    becomes("\xf4\x90\x80\x80", "????"); /* U+110000 */
    becomes("\xf5\x80\x80\x80", "????");
}

static void a_character_cut_by_the_end_is_not_read_beyond(void **state)
{
    (void)state;
    becomes("\xc3", "?");
    becomes("\xe2\x82", "??");
    becomes("\xf0\x9f\x98", "???");
    becomes("\xf0", "?");
    becomes("\xe2\x82z", "??z");
}

static void becomes_plain(const char *before, const char *after)
{
    char *text = strdup(before);
    utf8_make_plain(text);
    assert_string_equal(text, after);
    free(text);
}

static void text_that_only_stands_in_a_line_is_plain(void **state)
{
    (void)state;
    becomes_plain("", "");
    becomes_plain("/srv/disk 1.img", "/srv/disk 1.img");
    becomes_plain("gr\xc3\xbc\xc3\x9f"
                  "e",
                  "gr\xc3\xbc\xc3\x9f"
                  "e");
    becomes_plain("\xc2\xa0\xe2\x80\x8a\xe2\x81\xa5\xf0\x9f\x94\x92",
                  "\xc2\xa0\xe2\x80\x8a\xe2\x81\xa5\xf0\x9f\x94\x92");
}

static void what_acts_on_a_line_or_a_terminal_is_not(void **state)
{
    (void)state;
    becomes_plain("a\nholdfast-vmm[x]: b", "a?holdfast-vmm[x]: b");
    becomes_plain("\x1b[2J\r\t\x7f", "?[2J???");
    becomes_plain("\xc2\x80\xc2\x9b"
                  "A\xc2\x9f",
                  "??A?");
    becomes_plain("\xe2\x80\xa8\xe2\x80\xa9", "??");                        /* line, paragraph */
    becomes_plain("\xe2\x80\xaegpj.exe\xe2\x81\xa6\xd8\x9c", "?gpj.exe??"); /* order */
    becomes_plain("a\xe2\x80\x8bz\xef\xbb\xbf", "a?z?");                    /* nothing to see */
    becomes_plain("a\xff\xc3", "a??");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_text_stays),
        cmocka_unit_test(overlong_forms_surrogates_and_stray_bytes_do_not),
        cmocka_unit_test(a_character_cut_by_the_end_is_not_read_beyond),
        cmocka_unit_test(text_that_only_stands_in_a_line_is_plain),
        cmocka_unit_test(what_acts_on_a_line_or_a_terminal_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
