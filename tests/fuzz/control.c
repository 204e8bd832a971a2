/* SPDX-License-Identifier: MIT
 * What a client of the control socket sends, in frames and beside them, with descriptors: the
 * server answers each request by one response that decodes, with the request's number and in the
 * order of the requests; a frame that is too large is answered, too, and is the last.
 *
 * An input begins with a byte of what the machine is like. Then come pieces: two bytes of length,
 * whose highest bit says that the piece is sent as it is and not as a frame, and the next one that
 * a descriptor goes with it. */
#include "target.h"
#include "tests/unit/control_serving.h"
#include "vmm/utf8.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#define AS_IT_IS        0x8000u
#define WITH_DESCRIPTOR 0x4000u
#define SENT_MOST       ((size_t)64 << 10) /* less than the socket takes */
#define WAIT_SECONDS    100                /* however busy the host is */

enum { ATTACH_FAILS = 1, QUOTA_FAILS = 2, IN_USE = 4, HAS_ENDED = 8, HAS_RESCUES = 16 };

static void *server;
static uint64_t answered, succeeded;

/* All that was sent, and what of it has been answered. */
static uint8_t sent[SENT_MOST];
static size_t sent_bytes, sent_seen;
static bool is_last; /* too large: the server disconnects */

static uint8_t received[2 * RESPONSE_MAX];
static size_t received_bytes;

static void end_server(void)
{
    teardown(&server);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    setup(&server);
    atexit(end_server);
    return 0;
}

/* ---- what comes back ---- */

/* Whether a request, or a length that is too large, has not been answered yet. */
static bool next_request(const uint8_t **request, uint32_t *length)
{
    if (is_last || sent_bytes - sent_seen < FRAME_HEADER)
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

static void check_status(const Response *response, const Request *request)
{
    if (is_last)
        assert_int_equal(response->status, STATUS(TOO_LARGE));
    else if (request == NULL)
        assert_true(response->status == STATUS(BAD_REQUEST) ||
                    response->status == STATUS(TOO_LARGE));
    else if (response->status != STATUS(TOO_LARGE))
        assert_int_equal(response->id, request->id);
    assert_true((response->status == STATUS(OK)) == (response->reply_case != REPLY(_NOT_SET)));
    assert_true((response->status == STATUS(OK)) == (response->message[0] == '\0'));
    check_text(response->message);
}

/* A descriptor that no request wants, or one too many, is told of besides, and that is the last. */
static bool is_of_descriptor(const Response *response)
{
    return response->id == 0 && response->status == STATUS(BAD_REQUEST) &&
           (strncmp(response->message, "a descriptor that belongs", 25) == 0 ||
            strncmp(response->message, "more than one descriptor", 24) == 0);
}

static void check_response(const uint8_t *bytes, uint32_t length)
{
    const uint8_t *message = NULL;
    uint32_t size = 0;
    Response *response = holdfast__control__v1__response__unpack(NULL, length, bytes);

    assert_non_null(response);
    if (is_of_descriptor(response)) {
        is_last = true;
        holdfast__control__v1__response__free_unpacked(response, NULL);
        return;
    }
    assert_true(next_request(&message, &size));
    is_last = size > REQUEST_MAX;
    Request *request = is_last ? NULL : holdfast__control__v1__request__unpack(NULL, size, message);
    sent_seen += is_last ? 0 : FRAME_HEADER + size;
    check_status(response, request);
    answered++;
    succeeded += response->status == STATUS(OK);
    if (request != NULL)
        holdfast__control__v1__request__free_unpacked(request, NULL);
    holdfast__control__v1__response__free_unpacked(response, NULL);
}

static void check_received(void)
{
    size_t at = 0;

    while (received_bytes - at >= FRAME_HEADER) {
        const uint32_t length = frame_get_length(received + at);
        assert_true(length <= RESPONSE_MAX);
        if (received_bytes - at - FRAME_HEADER < length)
            break;
        check_response(received + at + FRAME_HEADER, length);
        at += FRAME_HEADER + length;
    }
    received_bytes -= at;
    memmove(received, received + at, received_bytes);
}

/* Until the server disconnects, which it does when it has answered all. */
static void hear_all(int fd)
{
    ssize_t got;

    do {
        got = recv(fd, received + received_bytes, sizeof received - received_bytes, 0);
        received_bytes += got > 0 ? (size_t)got : 0;
        check_received();
    } while (got > 0 || (got < 0 && errno == EINTR)); /* libFuzzer has a timer */
    assert_true(got == 0 || errno == ECONNRESET);
    assert_int_equal(received_bytes, 0);
}

/* ---- what is sent ---- */

static int make_descriptor(uint8_t kind)
{
    switch (kind % 4) {
    case 0:
        return memfd_create("object", MFD_CLOEXEC);
    case 1:
        return open("/dev/null", O_RDWR | O_CLOEXEC);
    case 2:
        return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    default:
        return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
}

/* descriptor: -1 for none. false: the server has disconnected. */
static bool send_bytes(int fd, const void *bytes, size_t count, int descriptor)
{
    struct iovec part = {(void *)bytes, count};
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (count == 0)
        return true;
    if (descriptor >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        *CMSG_FIRSTHDR(&message) = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &descriptor, sizeof descriptor);
    }
    if (sendmsg(fd, &message, MSG_NOSIGNAL) != (ssize_t)count)
        return false;
    memcpy(sent + sent_bytes, bytes, count);
    sent_bytes += count;
    return true;
}

static bool send_piece(int fd, const uint8_t *bytes, size_t count, unsigned head)
{
    const int descriptor =
        (head & WITH_DESCRIPTOR) != 0 ? make_descriptor(count > 0 ? bytes[0] : 0) : -1;
    uint8_t frame[FRAME_HEADER + UINT16_MAX];

    frame_put_length(frame, (uint32_t)count);
    memcpy(frame + FRAME_HEADER, bytes, count);
    const bool whole = (head & AS_IT_IS) == 0;
    const bool goes_on =
        send_bytes(fd, whole ? frame : bytes, count + (whole ? FRAME_HEADER : 0), descriptor);
    if (descriptor >= 0)
        close(descriptor);
    return goes_on;
}

static void send_pieces(int fd, const uint8_t *bytes, size_t size)
{
    for (bool goes_on = true; goes_on && size >= 2;) {
        const unsigned head = (unsigned)bytes[0] << 8 | bytes[1];
        const size_t wanted = head % WITH_DESCRIPTOR;
        const size_t count = wanted < size - 2 ? wanted : size - 2;
        if (count + FRAME_HEADER > SENT_MOST - sent_bytes)
            return;
        goes_on = send_piece(fd, bytes + 2, count, head);
        bytes += 2 + count;
        size -= 2 + count;
    }
}

static void choose_machine(uint8_t head)
{
    fake_reset();
    fake.attach_fails = (head & ATTACH_FAILS) != 0;
    fake.quota_fails = (head & QUOTA_FAILS) != 0;
    fake.detach = (head & IN_USE) != 0 ? ARENA_IN_USE : ARENA_DETACHED;
    fake.state = (head & HAS_ENDED) != 0 ? MACHINE_ENDED : MACHINE_RUNNING;
    fake.rescues = (head & HAS_RESCUES) != 0 ? 1000 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct timeval limit = {.tv_sec = WAIT_SECONDS};
    const uint8_t *message;
    uint32_t length;

    if (size < 1)
        return 0;
    choose_machine(bytes[0]);
    sent_bytes = sent_seen = received_bytes = 0;
    is_last = false;
    const int fd = join(server);
    fcntl(fd, F_SETFL, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    send_pieces(fd, bytes + 1, size - 1);
    shutdown(fd, SHUT_WR);
    hear_all(fd);
    assert_false(next_request(&message, &length));
    close(fd);
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu requests answered, %llu of them OK\n", (unsigned long long)answered,
           (unsigned long long)succeeded);
    assert_true(succeeded > 0 && succeeded < answered);
}
