/* SPDX-License-Identifier: MIT
 * Where requests end in the stream of a client, however the stream is cut into pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/libvirt/qmp_frame.h"

/* What is found in text, a letter for each, with each value in <>; received in pieces of this size.
 */
static void find(const char *text, size_t size, char *found)
{
    static const char letters[] = {
        [QMP_FRAME_NOT_OBJECT] = 'n', [QMP_FRAME_DEEP] = 'd', [QMP_FRAME_BROKEN_OFF] = 'b'};
    struct qmp_frame frame = {0};
    const size_t length = strlen(text);
    size_t start = 0, seen = 0;

    for (size_t there = size; start < length; there += size) {
        if (there > length)
            there = length;
        for (;;) {
            const enum qmp_frame_result result =
                qmp_frame_next(&frame, text + start, there - start, &seen);
            assert_true(seen <= there - start);
            if (result == QMP_FRAME_MORE)
                break;
            if (result == QMP_FRAME_WHOLE)
                found += sprintf(found, "<%.*s>", (int)seen, text + start);
            else if (result != QMP_FRAME_NOTHING)
                *found++ = letters[result];
            start += seen;
            seen = 0;
            if (start == there)
                break;
        }
        if (there == length)
            break;
    }
    *found = '\0';
}

static void expect(const char *text, const char *wanted)
{
    char found[512];

    for (size_t size = 1; size <= strlen(text) + 1; size++) {
        find(text, size, found);
        if (strcmp(found, wanted) != 0)
            fail_msg("%s in pieces of %zu: %s, wanted %s", text, size, found, wanted);
    }
}

static void values_end_with_their_last_bracket(void **state)
{
    (void)state;
    expect("{}", "<{}>");
    expect("{}{}\n{}", "<{}><{}><{}>");
    expect(" \r\n\t{\"a\":\n[1,{}]}\n", "<{\"a\":\n[1,{}]}>");
    expect("[{\"execute\":1}]", "<[{\"execute\":1}]>");
    expect("{\"a\":\"}\\\"}\\\\\"}{}", "<{\"a\":\"}\\\"}\\\\\"}><{}>");
    expect("\"{\"{}", "<\"{\"><{}>");
    expect("{\"a\":", "");
    expect("", "");
}

static void mistakes_are_found_once(void **state)
{
    (void)state;
    expect("nonsense 1 2 3\n{}", "n<{}>");
    expect("nonsense{}", "n<{}>");
    expect("}]\n}\n{}", "nn<{}>");
    expect("{]{}", "<{]><{}>");
    expect("\xff\n{}", "n<{}>");
}

static void what_was_begun_can_be_broken_off(void **state)
{
    (void)state;
    expect("{\"a\":[\xff{}", "b<{}>");
    expect("{\"a\xff\"}\n{}", "b<{}>");
    expect("{\"a\n{}", "b<{}>");
    expect("{\"a\\\n{}", "b<{}>");
}

static void deep_values_are_left_out(void **state)
{
    char text[200], deep[100];

    (void)state;
    memset(deep, 0, sizeof deep);
    memset(deep, '[', QMP_NESTING_MOST);
    memset(deep + QMP_NESTING_MOST, ']', QMP_NESTING_MOST);
    snprintf(text, sizeof text, "%s", deep);
    char wanted[sizeof deep + 2];
    snprintf(wanted, sizeof wanted, "<%s>", deep);
    expect(text, wanted);
    snprintf(text, sizeof text, "[%s]{}", deep);
    expect(text, "d<{}>");
    snprintf(text, sizeof text, "[[%s\n{}", deep);
    expect(text, "d<{}>");
    snprintf(text, sizeof text, "[%.*s{\"execute\":1}\xff{}", (int)QMP_NESTING_MOST, deep);
    expect(text, "d<{}>");
}

static void any_stream_can_be_read(void **state)
{
    static const char alphabet[] = "{}[]\"\\a\n \xff";
    char text[65], found[512], again[512];

    (void)state;
    srand(1);
    for (int i = 0; i < 20000; i++) {
        const size_t length = (size_t)rand() % (sizeof text - 1);
        for (size_t at = 0; at < length; at++)
            text[at] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        text[length] = '\0';
        find(text, 1, found);
        find(text, sizeof text, again);
        assert_string_equal(found, again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_end_with_their_last_bracket),
        cmocka_unit_test(mistakes_are_found_once),
        cmocka_unit_test(what_was_begun_can_be_broken_off),
        cmocka_unit_test(deep_values_are_left_out),
        cmocka_unit_test(any_stream_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
