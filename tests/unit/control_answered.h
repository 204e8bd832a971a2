/* SPDX-License-Identifier: MIT
 * What holds of every request, however damaged: it is answered by a response that decodes. */
#ifndef HOLDFAST_TESTS_CONTROL_ANSWERED_H
#define HOLDFAST_TESTS_CONTROL_ANSWERED_H

#include "control_fakes.h"
#include "vmm/control/service.h"
#include "vmm/utf8.h"

#include <fcntl.h>
#include <unistd.h>

struct answering {
    struct service service;
    struct answerer answerer;
    uint32_t count;
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
    service_init(&answering->service, &fake_config, NULL, NULL);
    answerer_init(&answering->answerer, answering->decode, SERVICE_DECODE_ROOM, answering->reply,
                  SERVICE_REPLY_ROOM);
}

static inline void answering_end(struct answering *answering)
{
    free(answering->decode);
    free(answering->reply);
    free(answering->encoded);
}

/* As the loop of the server answers, or a worker, in turn; with a descriptor and without. */
static inline size_t answer(struct answering *answering, const uint8_t *bytes, size_t length,
                            enum service_after *after)
{
    struct service_request request;
    bool takes_descriptor;
    const uint32_t turn = answering->count++;
    int descriptor = turn % 2 == 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);

    if (turn % 4 < 2 && service_sort(&answering->answerer, bytes, length, &request,
                                     &takes_descriptor) != SERVICE_AT_ONCE) {
        bytes = request.bytes;
        length = request.length;
    }
    const size_t answered = service_answer(&answering->service, &answering->answerer, 1,
                                           &descriptor, bytes, length, answering->encoded, after);
    if (descriptor >= 0)
        close(descriptor);
    return answered;
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
    const size_t answered = answer(answering, copy, length, &after);
    free(copy);
    assert_in_range(answered, 0, SERVICE_RESPONSE_ROOM);
    assert_true(answering->answerer.decode.used <= SERVICE_DECODE_ROOM);
    assert_true(answering->answerer.reply.used <= SERVICE_REPLY_ROOM);
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
