/* SPDX-License-Identifier: MIT
 * Random requests, made from good ones by small damage, are all answered by a response that
 * decodes. The sanitizers watch. The seed is the same each time, or the first argument. */
#include "control_fakes.h"
#include "vmm/control/service.h"

#include <fcntl.h>
#include <unistd.h>

#define ROUNDS   300000u
#define SEED     20240229u
#define LONGEST  2048u
#define PATTERNS 13u

static uint64_t random_state = SEED;

/* xorshift64* */
static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32) % limit;
}

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
    size_t at = *length > 0 ? random_below((uint32_t)*length) : 0;
    size_t rest = *length - at;
    switch (random_below(6)) {
    case 0:
        if (*length > 0)
            bytes[at] ^= (uint8_t)(1u << random_below(8));
        break;
    case 1:
        if (*length > 0)
            bytes[at] = random_below(2) == 0 ? 0xff : (uint8_t)random_below(256);
        break;
    case 2:
        *length = at;
        break;
    case 3:
        if (*length < LONGEST) {
            memmove(bytes + at + 1, bytes + at, rest);
            bytes[at] = (uint8_t)random_below(256);
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

/* As the loop does it, with a descriptor, as a worker does it, or both. */
static void answer_is_sound(struct service *service, struct answerer *answerer,
                            const uint8_t *bytes, size_t length, uint8_t *encoded)
{
    struct service_request request;
    enum service_after after;
    bool takes_descriptor;
    int descriptor = random_below(2) == 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);
    uint8_t *copy = malloc(length + 1); /* so that the sanitizer sees a step beyond */
    memcpy(copy, bytes, length);
    size_t answered;
    if (random_below(2) == 0 ||
        service_sort(answerer, copy, length, &request, &takes_descriptor) == SERVICE_AT_ONCE)
        answered = service_answer(service, answerer, 1, &descriptor, copy, length, encoded, &after);
    else
        answered = service_answer(service, answerer, 1, &descriptor, request.bytes, request.length,
                                  encoded, &after);
    free(copy);
    if (descriptor >= 0)
        close(descriptor);
    assert_in_range(answered, 0, SERVICE_RESPONSE_ROOM);
    Response *response = holdfast__control__v1__response__unpack(NULL, answered, encoded);
    assert_non_null(response);
    assert_true((response->status == STATUS(OK)) == (response->reply_case != REPLY(_NOT_SET)));
    assert_true(after == SERVICE_GO_ON || response->reply_case == REPLY(STOP));
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static void damaged_requests_are_answered(void **state)
{
    void *decode = malloc(SERVICE_DECODE_ROOM);
    void *reply = malloc(SERVICE_REPLY_ROOM);
    uint8_t *encoded = malloc(SERVICE_RESPONSE_ROOM);
    struct service service;
    struct answerer answerer;
    (void)state;
    make_patterns();
    service_init(&service, &fake_config, NULL, NULL);
    answerer_init(&answerer, decode, SERVICE_DECODE_ROOM, reply, SERVICE_REPLY_ROOM);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct pattern request = patterns[random_below(PATTERNS)];
        for (uint32_t i = random_below(6); i > 0; i--)
            damage(request.bytes, &request.length);
        answer_is_sound(&service, &answerer, request.bytes, request.length, encoded);
    }
    free(decode);
    free(reply);
    free(encoded);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_requests_are_answered)};

    if (count > 1)
        random_state = strtoull(arguments[1], NULL, 10) | 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
