/* SPDX-License-Identifier: MIT
 * Requests of peers that are newer or mistaken get the right status, whatever is in them. */
#include "control_asking.h"

static void a_call_of_a_newer_client_is_unknown(void **state)
{
    static const uint8_t request[] = {0x08, 9,    0x10, 5,
                                      0xba, 0x06, 0}; /* minor 9, id 5, call 103 */
    const Response *response = ask_bytes(*state, request, sizeof request);
    assert_int_equal(response->status, STATUS(UNKNOWN_CALL));
    assert_int_equal(response->id, 5);
    assert_non_null(strstr(response->message, "call 103"));
    assert_non_null(strstr(response->message, "1.9"));
}

static void unknown_fields_of_a_known_call_are_ignored(void **state)
{
    /* id 6, field 9 (fixed32), ping { field 1 (varint), field 2 (bytes) }, field 200 (fixed64) */
    static const uint8_t request[] = {0x10, 6,   0x4d, 1,    2, 3, 4, 0x52, 5, 0x08, 7, 0x12,
                                      1,    'x', 0xc1, 0x0c, 1, 2, 3, 4,    5, 6,    7, 8};
    const Response *response = ask_bytes(*state, request, sizeof request);
    assert_int_equal(response->status, STATUS(OK));
    assert_int_equal(response->id, 6);
    assert_string_equal(response->ping->name, "web");
}

static void of_two_calls_the_last_counts(void **state)
{
    static const uint8_t request[] = {0xaa, 0x01, 0, 0x52, 0}; /* stop, ping */
    struct asking *asking = *state;
    const Response *response = ask_bytes(asking, request, sizeof request);
    assert_int_equal(response->reply_case, REPLY(PING));
    assert_int_equal(asking->after, SERVICE_GO_ON);
}

static void no_bytes_are_a_request_without_a_call(void **state)
{
    const Response *response = ask_bytes(*state, "", 0);
    assert_int_equal(response->status, STATUS(UNKNOWN_CALL));
    assert_non_null(strstr(response->message, "names no call"));
}

static void what_does_not_decode_is_a_bad_request(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } bad[] = {
        {"\x10", 1},                                              /* a field without its value */
        {"\x52\x05\x08", 3},                                      /* a message cut short */
        {"\x52\xff\xff\xff\xff\x0f", 6},                          /* a length of 4 GiB */
        {"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* a varint of 11 bytes */
        {"\x53", 1},                                              /* a group */
        {"\x07", 1},                                              /* wire type 7 */
        {"\x00", 1},                                              /* field 0 */
        {"GET / HTTP/1.1\r\n\r\n", 18},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const Response *response = ask_bytes(*state, bad[i].bytes, bad[i].length);
        if (response->status != STATUS(BAD_REQUEST))
            fail_msg("case %zu: status %d", i, (int)response->status);
        assert_int_equal(response->id, 0);
    }
}

static void messages_nested_without_end_take_no_stack(void **state)
{
    /* ping inside ping inside ping ...: each but the outermost is an unknown field of bytes. */
    uint8_t request[REQUEST_MAX];
    size_t at = sizeof request;
    while (at > 4) {
        size_t inside = sizeof request - at;
        uint8_t length[3] = {(uint8_t)(inside | 0x80), (uint8_t)(inside >> 7 | 0x80),
                             (uint8_t)(inside >> 14)};
        at -= 3;
        memcpy(request + at, length, 3);
        request[--at] = 0x52;
    }
    const Response *response = ask_bytes(*state, request + at, sizeof request - at);
    assert_int_equal(response->status, STATUS(OK));
}

static void a_request_that_takes_too_much_memory_is_too_large(void **state)
{
    uint8_t request[REQUEST_MAX];
    for (size_t i = 0; i < sizeof request; i += 2) {
        request[i] = 0x48;
        request[i + 1] = 1;
    }
    assert_int_equal(ask_bytes(*state, request, sizeof request)->status, STATUS(TOO_LARGE));
    assert_int_equal(ASK(state, PingRequest, PING_REQUEST, PING, ping)->status, STATUS(OK));
}

static void a_refusal_fits_its_room(void **state)
{
    uint8_t encoded[SERVICE_REFUSAL_ROOM];
    char message[2000];
    (void)state;
    memset(message, 'm', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    size_t length = service_refuse(0, STATUS(BUSY), message, encoded);
    assert_in_range(length, 1, sizeof encoded);
    Response *response = holdfast__control__v1__response__unpack(NULL, length, encoded);
    assert_int_equal(response->status, STATUS(BUSY));
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_of_a_newer_client_is_unknown),
        TEST(unknown_fields_of_a_known_call_are_ignored),
        TEST(of_two_calls_the_last_counts),
        TEST(no_bytes_are_a_request_without_a_call),
        TEST(what_does_not_decode_is_a_bad_request),
        TEST(messages_nested_without_end_take_no_stack),
        TEST(a_request_that_takes_too_much_memory_is_too_large),
        TEST(a_refusal_fits_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
