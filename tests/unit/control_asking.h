/* SPDX-License-Identifier: MIT
 * The service with a made-up arena and machine behind it, asked without a socket. */
#ifndef HOLDFAST_TESTS_CONTROL_ASKING_H
#define HOLDFAST_TESTS_CONTROL_ASKING_H

#include "control_fakes.h"
#include "vmm/control/service.h"

/* Everything that one request needs. */
struct asking {
    struct service service;
    struct answerer answerer;
    int descriptor; /* that comes with the next request */
    void *decode;
    void *reply;
    uint8_t *encoded;
    enum service_after after;
    Response *response;
};

static inline int setup(void **state)
{
    struct asking *asking = calloc(1, sizeof *asking);
    fake_reset();
    /* Each by itself, so that the sanitizer sees a step beyond. */
    asking->decode = malloc(SERVICE_DECODE_ROOM);
    asking->reply = malloc(SERVICE_REPLY_ROOM);
    asking->encoded = malloc(SERVICE_RESPONSE_ROOM);
    service_init(&asking->service, &fake_config, NULL, NULL);
    answerer_init(&asking->answerer, asking->decode, SERVICE_DECODE_ROOM, asking->reply,
                  SERVICE_REPLY_ROOM);
    asking->descriptor = -1;
    *state = asking;
    return 0;
}

static inline int teardown(void **state)
{
    struct asking *asking = *state;
    if (asking->response != NULL)
        holdfast__control__v1__response__free_unpacked(asking->response, NULL);
    free(asking->decode);
    free(asking->reply);
    free(asking->encoded);
    free(asking);
    return 0;
}

static inline const Response *ask_bytes(struct asking *asking, const void *bytes, size_t length)
{
    uint8_t *copy = malloc(length + 1);
    if (asking->response != NULL)
        holdfast__control__v1__response__free_unpacked(asking->response, NULL);
    memcpy(copy, bytes, length);
    size_t answered = service_answer(&asking->service, &asking->answerer, 1, &asking->descriptor,
                                     copy, length, asking->encoded, &asking->after);
    free(copy);
    asking->response = holdfast__control__v1__response__unpack(NULL, answered, asking->encoded);
    assert_non_null(asking->response);
    return asking->response;
}

static inline const Response *ask(struct asking *asking, Request *request)
{
    uint8_t bytes[REQUEST_MAX];
    request->id = 4711;
    const Response *response =
        ask_bytes(asking, bytes, holdfast__control__v1__request__pack(request, bytes));
    assert_int_equal(response->id, 4711);
    assert_int_equal(response->protocol_minor, PROTOCOL_MINOR);
    /* A reply of the call's name with OK, a reason and no reply without. */
    if (response->status == STATUS(OK)) {
        assert_int_equal(response->reply_case, request->call_case);
        assert_string_equal(response->message, "");
    } else {
        assert_int_equal(response->reply_case, REPLY(_NOT_SET));
        assert_string_not_equal(response->message, "");
    }
    return response;
}

/* A request for CALL(name) whose message type is Type. */
#define ASK(state, Type, TYPE, NAME, member)                                                       \
    ({                                                                                             \
        MESSAGE(Type) part = MESSAGE_INIT(TYPE);                                                   \
        Request whole = REQUEST_INIT;                                                              \
        whole.member = &part;                                                                      \
        whole.call_case = CALL(NAME);                                                              \
        ask(*(state), &whole);                                                                     \
    })

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
