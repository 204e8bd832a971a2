/* SPDX-License-Identifier: MIT
 * What a client of the control socket sends, in frames and beside them: each frame is answered by
 * one response that decodes, with the request's number and in the order of the requests; one that
 * is too large is answered, too, and is the last. Decoding takes no more memory than it was given.
 *
 * An input is a row of pieces: two bytes of length, whose highest bit says that the piece is sent
 * as it is; any other is sent as a frame. */
#include "target.h"
#include "tests/unit/control_fakes.h"
#include "vmm/control/client.h"
#include "vmm/utf8.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define AS_IT_IS 0x8000u

static struct service service;
static struct client client;
static int peer;
static uint64_t answered, succeeded;

/* All that was sent, and what of it has been answered. */
static uint8_t *sent;
static size_t sent_bytes, sent_seen;

static uint8_t received[CLIENT_OUTPUT_ROOM + RESPONSE_MAX];
static size_t received_bytes;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    service_init(&service, &fake_config, NULL, NULL, malloc(SERVICE_DECODE_ROOM),
                 malloc(SERVICE_REPLY_ROOM));
    client_init(&client, malloc(CLIENT_INPUT_ROOM), malloc(CLIENT_OUTPUT_ROOM));
    return 0;
}

/* Whether a request, or a length that is too large, has not been answered yet. */
static bool next_request(const uint8_t **request, uint32_t *length)
{
    if (sent_bytes - sent_seen < FRAME_HEADER)
        return false;
    *length = frame_get_length(sent + sent_seen);
    *request = sent + sent_seen + FRAME_HEADER;
    return *length > REQUEST_MAX || *length <= sent_bytes - sent_seen - FRAME_HEADER;
}

static void check_text(const char *text)
{
    char *copy = strdup(text);

    assert_non_null(copy);
    utf8_repair(copy);
    assert_string_equal(copy, text);
    free(copy);
}

static void check_response(const uint8_t *bytes, uint32_t length)
{
    const uint8_t *message = NULL;
    uint32_t size = 0;
    Response *response = holdfast__control__v1__response__unpack(NULL, length, bytes);

    assert_non_null(response);
    assert_true(next_request(&message, &size));
    const bool too_large = size > REQUEST_MAX;
    Request *request =
        too_large ? NULL : holdfast__control__v1__request__unpack(NULL, size, message);
    sent_seen += too_large ? 0 : FRAME_HEADER + size;
    if (too_large)
        assert_int_equal(response->status, STATUS(TOO_LARGE));
    else if (request == NULL)
        assert_true(response->status == STATUS(BAD_REQUEST) ||
                    response->status == STATUS(TOO_LARGE));
    else if (response->status != STATUS(TOO_LARGE))
        assert_int_equal(response->id, request->id);
    assert_true((response->status == STATUS(OK)) == (response->reply_case != REPLY(_NOT_SET)));
    assert_true((response->status == STATUS(OK)) == (response->message[0] == '\0'));
    assert_true(service.decode.used <= SERVICE_DECODE_ROOM &&
                service.reply.used <= SERVICE_REPLY_ROOM);
    check_text(response->message);
    answered++;
    succeeded += response->status == STATUS(OK);
    if (request != NULL)
        holdfast__control__v1__request__free_unpacked(request, NULL);
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static void read_responses(void)
{
    ssize_t got;

    while ((got = recv(peer, received + received_bytes, sizeof received - received_bytes,
                       MSG_DONTWAIT)) > 0)
        received_bytes += (size_t)got;
    while (received_bytes >= FRAME_HEADER) {
        const uint32_t length = frame_get_length(received);
        assert_true(length <= RESPONSE_MAX);
        if (received_bytes - FRAME_HEADER < length)
            return;
        check_response(received + FRAME_HEADER, length);
        received_bytes -= FRAME_HEADER + length;
        memmove(received, received + FRAME_HEADER + length, received_bytes);
    }
}

static void send_bytes(const void *bytes, size_t count)
{
    if (count == 0)
        return;
    memcpy(sent + sent_bytes, bytes, count);
    assert_int_equal(send(peer, sent + sent_bytes, count, MSG_NOSIGNAL), count);
    sent_bytes += count;
}

/* false: the server has disconnected. */
static bool serve(void)
{
    bool goes_on = true;

    do {
        goes_on = client_serve(&client, &service, 0);
        read_responses();
    } while (goes_on && (client_ready(&client) || client.output_length > 0));
    return goes_on;
}

static size_t send_piece(const uint8_t *bytes, size_t size)
{
    const unsigned head = (unsigned)bytes[0] << 8 | bytes[1];
    const size_t wanted = head & ~AS_IT_IS;
    const size_t count = wanted < size - 2 ? wanted : size - 2;
    uint8_t header[FRAME_HEADER];

    frame_put_length(header, (uint32_t)count);
    if ((head & AS_IT_IS) == 0)
        send_bytes(header, sizeof header);
    send_bytes(bytes + 2, count);
    return 2 + count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *message;
    uint32_t length;
    int ends[2];

    if (size < 1)
        return 0;
    fake_reset();
    fake.attach_fails = (bytes[0] & 1) != 0;
    fake.quota_fails = (bytes[0] & 2) != 0;
    fake.detach = (enum arena_detach)(bytes[0] >> 2 & 1);
    fake.state = (bytes[0] & 8) != 0 ? MACHINE_ENDED : MACHINE_RUNNING;
    fake.rescues = (bytes[0] & 16) != 0 ? 1000 : 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    peer = ends[0];
    client_begin(&client, ends[1], 0);
    sent = malloc(3 * size);
    assert_non_null(sent);
    sent_bytes = sent_seen = received_bytes = 0;
    bool goes_on = true;
    for (size_t at = 1; goes_on && size - at >= 2;) {
        at += send_piece(bytes + at, size - at);
        goes_on = serve();
    }
    assert_int_equal(received_bytes, 0);
    if (goes_on)
        assert_false(next_request(&message, &length));
    service_forget(&service, &client);
    client_end(&client);
    close(peer);
    free(sent);
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu requests answered, %llu of them OK\n", (unsigned long long)answered,
           (unsigned long long)succeeded);
    assert_true(succeeded > 0 && succeeded < answered);
}
