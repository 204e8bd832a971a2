/* SPDX-License-Identifier: MIT
 * Random requests, made from good ones by small damage, are all answered by a response that
 * decodes. The sanitizers watch. The seed is the same each time, or the first argument. */
#include "chance.h"
#include "control_answered.h"

#define ROUNDS   300000u
#define SEED     20240229u
#define LONGEST  2048u
#define PATTERNS 13u

struct pattern {
    uint8_t bytes[LONGEST];
    size_t length;
};

static struct pattern patterns[PATTERNS];

static void keep(size_t index, Request *request)
{
    request->id = index;
    patterns[index].length = holdfast__control__v1__request__pack(request, patterns[index].bytes);
}

/* One good request of each call that has arguments, and the calls without as they are encoded. */
static void make_patterns(void)
{
    static const uint8_t plain[] = {10, 11, 13, 16, 18, 19, 20, 21};
    MESSAGE(ListWindowsRequest) windows = MESSAGE_INIT(LIST_WINDOWS_REQUEST);
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    MESSAGE(DetachRequest) detach = MESSAGE_INIT(DETACH_REQUEST);
    MESSAGE(PictureRequest) picture = MESSAGE_INIT(PICTURE_REQUEST);
    Request request = REQUEST_INIT;
    windows.from_page = FAKE_ARENA_PAGE;
    windows.limit = 100;
    request.list_windows = &windows;
    request.call_case = CALL(LIST_WINDOWS);
    keep(0, &request);
    attach.name = "disk";
    attach.path.data = (uint8_t *)"/images/disk";
    attach.path.len = 12;
    attach.bytes = 4096;
    attach.create = true;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    keep(1, &request);
    detach.name = "disk";
    detach.force = true;
    request.detach = &detach;
    request.call_case = CALL(DETACH);
    keep(2, &request);
    picture.cells = 64;
    request.picture = &picture;
    request.call_case = CALL(PICTURE);
    keep(3, &request);
    for (size_t i = 0; i < sizeof plain; i++) {
        uint8_t encoded[] = {0x10, (uint8_t)i, (uint8_t)(plain[i] << 3 | 2 | 0x80),
                             (uint8_t)(plain[i] >> 4), 0};
        memcpy(patterns[4 + i].bytes, encoded, sizeof encoded);
        patterns[4 + i].length = sizeof encoded;
    }
    patterns[PATTERNS - 1].length = 0;
}

/* Inserts, deletes, flips, overwrites or repeats. */
static void damage(uint8_t *bytes, size_t *length)
{
    size_t at = *length > 0 ? below(*length) : 0;
    size_t rest = *length - at;
    switch (below(6)) {
    case 0:
        if (*length > 0)
            bytes[at] ^= (uint8_t)(1u << below(8));
        break;
    case 1:
        if (*length > 0)
            bytes[at] = below(2) == 0 ? 0xff : (uint8_t)below(256);
        break;
    case 2:
        *length = at;
        break;
    case 3:
        if (*length < LONGEST) {
            memmove(bytes + at + 1, bytes + at, rest);
            bytes[at] = (uint8_t)below(256);
            ++*length;
        }
        break;
    case 4:
        if (rest <= LONGEST - *length) {
            memmove(bytes + *length, bytes + at, rest);
            *length += rest;
        }
        break;
    default:
        if (*length > 0) {
            memmove(bytes + at, bytes + at + 1, rest - 1);
            --*length;
        }
        break;
    }
}

static void damaged_requests_are_answered(void **state)
{
    struct answering answering;

    (void)state;
    make_patterns();
    answering_begin(&answering);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct pattern request = patterns[below(PATTERNS)];
        for (uint64_t i = below(6); i > 0; i--)
            damage(request.bytes, &request.length);
        answered_soundly(&answering, request.bytes, request.length);
    }
    answering_end(&answering);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_requests_are_answered)};

    chance_take_seed(count > 1 ? strtoull(arguments[1], NULL, 10) : SEED);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
