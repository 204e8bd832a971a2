/* SPDX-License-Identifier: MIT
 * Decoding takes no memory but what it was given, and ends in order when that is too little. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/wire/bounded.h"
#include "vmm/wire/protocol.h"

#define ROOM 4096u

static void memory_is_aligned_and_lies_apart(void **state)
{
    unsigned char memory[ROOM];
    struct bounded bounded;
    unsigned char *end = memory;
    (void)state;
    bounded_init(&bounded, memory + 1, ROOM - 1);
    for (size_t size = 0; size < 40; size++) {
        unsigned char *piece = bounded_alloc(&bounded, size);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        assert_true(piece >= end);
        end = piece + size;
        assert_true(end <= memory + ROOM);
    }
}

static void no_more_is_given_than_is_there(void **state)
{
    _Alignas(max_align_t) unsigned char memory[64];
    struct bounded bounded;
    (void)state;
    bounded_init(&bounded, memory, sizeof memory);
    assert_null(bounded_alloc(&bounded, 65));
    assert_true(bounded.exhausted);
    assert_non_null(bounded_alloc(&bounded, 64));
    assert_null(bounded_alloc(&bounded, 1));
    bounded_reset(&bounded);
    assert_false(bounded.exhausted);
    assert_ptr_equal(bounded_alloc(&bounded, 1), memory);
    assert_null(bounded_alloc(&bounded, 49));
    assert_non_null(bounded_alloc(&bounded, 48));
}

static void sizes_near_the_greatest_do_not_wrap_around(void **state)
{
    _Alignas(max_align_t) unsigned char memory[64];
    struct bounded bounded;
    (void)state;
    bounded_init(&bounded, memory, sizeof memory);
    assert_null(bounded_alloc(&bounded, SIZE_MAX));
    assert_null(bounded_alloc(&bounded, SIZE_MAX - 14));
    assert_null(bounded_array(&bounded, SIZE_MAX / 2, 4));
    assert_null(bounded_array(&bounded, (size_t)1 << 32, (size_t)1 << 32));
    assert_non_null(bounded_array(&bounded, 4, 16));
}

static void memory_too_small_to_align_is_no_memory(void **state)
{
    _Alignas(max_align_t) unsigned char memory[16];
    struct bounded bounded;
    (void)state;
    bounded_init(&bounded, memory + 1, 3);
    assert_null(bounded_alloc(&bounded, 1));
}

/* A request with every kind of thing in it: nested message, strings, bytes, unknown fields. */
static size_t make_request(uint8_t *encoded)
{
    static const uint8_t unknown[] = {0xfa, 0x06, 3, 'n', 'e', 'w', 0x80, 0x07, 1};
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;
    attach.name = "disk";
    attach.path.data = (uint8_t *)"/var/lib/images/disk";
    attach.path.len = 20;
    attach.bytes = 1 << 20;
    request.id = 7;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    size_t length = holdfast__control__v1__request__pack(&request, encoded);
    memcpy(encoded + length, unknown, sizeof unknown);
    return length + sizeof unknown;
}

static void a_request_decodes_or_not_but_never_takes_more(void **state)
{
    uint8_t encoded[256];
    size_t length = make_request(encoded);
    size_t least = 0;
    (void)state;
    for (size_t room = 0; room <= ROOM; room += 8) {
        unsigned char *memory = malloc(room + 1); /* so that the sanitizer sees a step beyond */
        struct bounded bounded;
        bounded_init(&bounded, memory, room);
        Request *request =
            holdfast__control__v1__request__unpack(&bounded.allocator, length, encoded);
        assert_true((request == NULL) == bounded.exhausted);
        if (request != NULL) {
            assert_string_equal(request->attach->name, "disk");
            assert_int_equal(request->base.n_unknown_fields, 2);
            least = least == 0 ? room : least;
        }
        /* Once it fits it fits with more, too. */
        assert_true(request != NULL || least == 0);
        free(memory);
    }
    assert_in_range(least, 100, 1000);
}

static void many_unknown_fields_exhaust_the_memory_and_nothing_else(void **state)
{
    enum { FIELDS = 30000 };
    uint8_t *encoded = malloc(2 * FIELDS);
    unsigned char *memory = malloc((size_t)128 << 10);
    struct bounded bounded;
    (void)state;
    for (size_t i = 0; i < FIELDS; i++) {
        encoded[2 * i] = 9 << 3; /* field 9, which nobody knows, a varint */
        encoded[2 * i + 1] = 1;
    }
    bounded_init(&bounded, memory, (size_t)128 << 10);
    assert_null(holdfast__control__v1__request__unpack(&bounded.allocator, 2 * FIELDS, encoded));
    assert_true(bounded.exhausted);
    free(memory);
    free(encoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_lies_apart),
        cmocka_unit_test(no_more_is_given_than_is_there),
        cmocka_unit_test(sizes_near_the_greatest_do_not_wrap_around),
        cmocka_unit_test(memory_too_small_to_align_is_no_memory),
        cmocka_unit_test(a_request_decodes_or_not_but_never_takes_more),
        cmocka_unit_test(many_unknown_fields_exhaust_the_memory_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
