/* SPDX-License-Identifier: MIT
 * Frames come out of a byte stream as they went in, however it was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/wire/frame.h"

#define ROOM 64u /* the longest message has 60 bytes */

struct reading {
    struct frame_reader reader;
    uint8_t *buffer;
    const uint8_t *message;
    uint32_t length;
};

static int setup(void **state)
{
    struct reading *reading = calloc(1, sizeof *reading);
    reading->buffer = malloc(ROOM); /* so that the sanitizer sees a step beyond */
    frame_reader_init(&reading->reader, reading->buffer, ROOM);
    *state = reading;
    return 0;
}

static int teardown(void **state)
{
    struct reading *reading = *state;
    free(reading->buffer);
    free(reading);
    return 0;
}

static void feed(struct reading *reading, const void *bytes, size_t count)
{
    size_t room;
    uint8_t *space = frame_reader_space(&reading->reader, &room);
    assert_in_range(count, 0, room);
    memcpy(space, bytes, count);
    frame_reader_add(&reading->reader, count);
}

static enum frame_state look(struct reading *reading)
{
    return frame_reader_look(&reading->reader, &reading->message, &reading->length);
}

static void a_length_is_written_with_its_most_significant_byte_first(void **state)
{
    uint8_t header[FRAME_HEADER];
    (void)state;
    frame_put_length(header, 0x01020304);
    assert_memory_equal(header, "\1\2\3\4", 4);
    assert_int_equal(frame_get_length(header), 0x01020304);
    frame_put_length(header, UINT32_MAX);
    assert_int_equal(frame_get_length(header), UINT32_MAX);
}

static void a_frame_is_complete_with_its_last_byte_and_not_before(void **state)
{
    static const uint8_t frame[] = {0, 0, 0, 3, 'a', 'b', 'c'};
    struct reading *reading = *state;
    assert_int_equal(look(reading), FRAME_NOTHING);
    for (size_t i = 0; i < sizeof frame; i++) {
        feed(reading, &frame[i], 1);
        assert_int_equal(look(reading), i + 1 < sizeof frame ? FRAME_PARTIAL : FRAME_COMPLETE);
    }
    assert_int_equal(reading->length, 3);
    assert_memory_equal(reading->message, "abc", 3);
}

static void frames_read_at_once_come_out_one_by_one(void **state)
{
    struct reading *reading = *state;
    feed(reading, "\0\0\0\1x\0\0\0\2yz\0\0", 13);
    assert_int_equal(look(reading), FRAME_COMPLETE);
    assert_memory_equal(reading->message, "x", 1);
    frame_reader_drop(&reading->reader);
    assert_int_equal(look(reading), FRAME_COMPLETE);
    assert_int_equal(reading->length, 2);
    assert_memory_equal(reading->message, "yz", 2);
    frame_reader_drop(&reading->reader);
    assert_int_equal(look(reading), FRAME_PARTIAL);
    feed(reading, "\0\1w", 3);
    assert_int_equal(look(reading), FRAME_COMPLETE);
    assert_memory_equal(reading->message, "w", 1);
    frame_reader_drop(&reading->reader);
    assert_int_equal(look(reading), FRAME_NOTHING);
}

static void a_frame_without_bytes_is_a_frame(void **state)
{
    struct reading *reading = *state;
    feed(reading, "\0\0\0\0", 4);
    assert_int_equal(look(reading), FRAME_COMPLETE);
    assert_int_equal(reading->length, 0);
    frame_reader_drop(&reading->reader);
    assert_int_equal(look(reading), FRAME_NOTHING);
}

static void the_longest_message_fits_and_one_byte_more_does_not(void **state)
{
    uint8_t frame[ROOM] = {0, 0, 0, ROOM - FRAME_HEADER};
    struct reading *reading = *state;
    size_t room;
    feed(reading, frame, sizeof frame);
    assert_int_equal(look(reading), FRAME_COMPLETE);
    frame_reader_space(&reading->reader, &room);
    assert_int_equal(room, 0);
    frame_reader_drop(&reading->reader);

    frame[3]++;
    feed(reading, frame, FRAME_HEADER);
    assert_int_equal(look(reading), FRAME_TOO_LARGE);
}

static void no_length_makes_a_large_frame_pass(void **state)
{
    struct reading *reading = *state;
    feed(reading, "\xff\xff\xff\xff", 4);
    assert_int_equal(look(reading), FRAME_TOO_LARGE);
    assert_int_equal(reading->length, UINT32_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_length_is_written_with_its_most_significant_byte_first),
        TEST(a_frame_is_complete_with_its_last_byte_and_not_before),
        TEST(frames_read_at_once_come_out_one_by_one),
        TEST(a_frame_without_bytes_is_a_frame),
        TEST(the_longest_message_fits_and_one_byte_more_does_not),
        TEST(no_length_makes_a_large_frame_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
