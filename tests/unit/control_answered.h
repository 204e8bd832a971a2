/* SPDX-License-Identifier: MIT
 * What holds of every request, however damaged: it is answered by a response that decodes. */
#ifndef HOLDFAST_TESTS_CONTROL_ANSWERED_H
#define HOLDFAST_TESTS_CONTROL_ANSWERED_H

#include "control_fakes.h"
#include "vmm/control/service.h"
#include "vmm/utf8.h"

struct answering {
    struct service service;
    void *decode;
    void *reply;
    uint8_t *encoded;
};

static inline void answering_begin(struct answering *answering)
{
    *answering = (struct answering){
        .decode = malloc(SERVICE_DECODE_ROOM),
        .reply = malloc(SERVICE_REPLY_ROOM),
        .encoded = malloc(SERVICE_RESPONSE_ROOM),
    };
    assert_true(answering->decode != NULL && answering->reply != NULL &&
                answering->encoded != NULL);
    service_init(&answering->service, &fake_config, NULL, NULL, answering->decode,
                 answering->reply);
}

static inline void answering_end(struct answering *answering)
{
    free(answering->decode);
    free(answering->reply);
    free(answering->encoded);
}

/* The status of the response. */
static inline Status answered_soundly(struct answering *answering, const uint8_t *bytes,
                                      size_t length)
{
    enum service_after after;
    uint8_t *copy = malloc(length + 1); /* so that the sanitizer sees a step beyond */

    assert_non_null(copy);
    if (length > 0)
        memcpy(copy, bytes, length);
    const size_t answered =
        service_answer(&answering->service, copy, length, answering->encoded, &after);
    free(copy);
    assert_in_range(answered, 0, SERVICE_RESPONSE_ROOM);
    assert_true(answering->service.decode.used <= SERVICE_DECODE_ROOM);
    assert_true(answering->service.reply.used <= SERVICE_REPLY_ROOM);
    Response *response =
        holdfast__control__v1__response__unpack(NULL, answered, answering->encoded);
    assert_non_null(response);
    const Status status = response->status;
    assert_true((status == STATUS(OK)) == (response->reply_case != REPLY(_NOT_SET)));
    assert_true(after == SERVICE_GO_ON || response->reply_case == REPLY(STOP));
    holdfast__control__v1__response__free_unpacked(response, NULL);
    return status;
}

#endif
