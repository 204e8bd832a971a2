/* SPDX-License-Identifier: MIT
 * What a client of the monitor sends, however it is cut into pieces: each value, and each mistake,
 * is answered by one line of JSON with the number of its request; events come on lines of their
 * own.
 *
 * An input begins with a byte of what the client has, and one of the pieces' size. */
#include "vmm/libvirt/qmp.h"
#include "target.h"
#include "vmm/libvirt/dump.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/room.h"
#include "vmm/log.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES 2u

enum { NEGOTIATED = 1, HAS_DESCRIPTOR = 2, HAS_MACHINE = 4, PAUSED = 8 };

static uint64_t answered, succeeded;
static int peer;
static char heard[2 * QMP_OUTPUT_MOST];

/* ---- a machine that is not there ---- */

static struct machine {
    enum machine_state state;
    struct machine_listener listener;
} machine;

static bool change(enum machine_state state, enum machine_event event)
{
    const struct machine_news news = {.event = event};

    if (machine.state == MACHINE_ENDED)
        return false;
    if (machine.state != state || event == MACHINE_DID_RESET)
        machine.listener.tell(machine.listener.who, &news);
    machine.state = state;
    return true;
}

bool machine_pause(struct machine *it)
{
    (void)it;
    return change(MACHINE_PAUSED, MACHINE_DID_PAUSE);
}

bool machine_resume(struct machine *it)
{
    (void)it;
    return change(MACHINE_RUNNING, MACHINE_DID_RESUME);
}

bool machine_reset(struct machine *it)
{
    return change(it->state, MACHINE_DID_RESET);
}

void machine_power_off(struct machine *it)
{
    const struct machine_news news = {.event = MACHINE_GUEST_IS_OVER, .how = MACHINE_POWERED_OFF};

    if (it->state != MACHINE_ENDED)
        it->listener.tell(it->listener.who, &news);
    it->state = MACHINE_ENDED;
}

bool machine_press_power_button(struct machine *it)
{
    return it->state == MACHINE_PAUSED;
}

void machine_stop(struct machine *it)
{
    it->state = MACHINE_ENDED;
}

void machine_listen(struct machine *it, struct machine_listener listener)
{
    it->listener = listener;
}

void machine_set_policy(struct machine *it, struct machine_policy policy)
{
    (void)it, (void)policy;
}

enum machine_state machine_state(struct machine *it)
{
    return it->state;
}

bool machine_waits(struct machine *it, enum machine_end *how)
{
    (void)it;
    *how = MACHINE_POWERED_OFF;
    return false;
}

int machine_vcpu_thread(struct machine *it, uint32_t index)
{
    (void)it;
    return (int)index + 1;
}

enum machine_end machine_wait(struct machine *it, uint8_t *guest_status)
{
    (void)it;
    *guest_status = 0;
    return MACHINE_STOPPED;
}

int core_file_make(struct core_file *core, struct machine *it, struct error *error)
{
    (void)it, (void)error;
    core->bytes = 4096;
    return 0;
}

int core_file_write(struct core_file *core, int fd, int stop, struct error *error)
{
    (void)fd, (void)stop, (void)error;
    core->written = core->bytes;
    return 0;
}

void core_file_free(struct core_file *core)
{
    (void)core;
}

void log_line(const char *format, ...)
{
    (void)format;
}

void log_limited(struct log_limit *limit, const char *format, ...)
{
    (void)limit, (void)format;
}

void log_line_about(const struct log_about *about, const char *format, ...)
{
    (void)about, (void)format;
}

void log_limited_about(struct log_limit *limit, const struct log_about *about, const char *format,
                       ...)
{
    (void)limit, (void)about, (void)format;
}

const struct log_about log_error, log_warning;

/* ---- the client ---- */

/* The reply of a line; NULL: it is an event. The reference is the caller's. */
static json_t *read_line(const char *line, size_t length)
{
    json_t *message = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(message);
    for (size_t i = 0; i < length; i++)
        assert_in_range(line[i], 0x20, 0x7f); /* ASCII, on one line */
    const bool is_return = json_object_get(message, "return") != NULL;
    const bool is_error = json_object_get(message, "error") != NULL;
    const bool is_event = json_object_get(message, "event") != NULL;
    assert_int_equal(is_return + is_error + is_event, 1);
    if (!is_event)
        return message;
    json_decref(message);
    return NULL;
}

/* Takes all lines that were sent. The one reply among them, or NULL. */
static json_t *hear(void)
{
    json_t *reply = NULL;
    size_t length = 0;
    ssize_t got;

    while ((got = recv(peer, heard + length, sizeof heard - length, MSG_DONTWAIT)) > 0)
        length += (size_t)got;
    for (char *line = heard; line < heard + length;) {
        char *end = memmem(line, (size_t)(heard + length - line), "\r\n", 2);
        assert_non_null(end);
        json_t *message = read_line(line, (size_t)(end - line));
        assert_true(message == NULL || reply == NULL);
        reply = message != NULL ? message : reply;
        line = end + 2;
    }
    return reply;
}

static void check_reply(const json_t *reply, enum qmp_frame_result found, const char *text,
                        size_t length)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_t *request = found == QMP_FRAME_WHOLE ? json_loadb(text, length, flags, NULL) : NULL;
    json_t *id = json_object_get(request, "id");

    assert_non_null(reply);
    assert_true(json_equal(json_object_get(reply, "id"), id) || id == NULL);
    if (request == NULL)
        assert_non_null(json_object_get(reply, "error"));
    answered++;
    succeeded += json_object_get(reply, "return") != NULL;
    json_decref(request);
}

static void answer_all(struct libvirt *libvirt, struct qmp_client *client)
{
    const char *text;
    size_t length;

    for (;;) {
        const enum qmp_frame_result found = qmp_client_next(client, &text, &length);
        if (found == QMP_FRAME_MORE)
            return;
        qmp_answer(libvirt, client, found, text, length);
        assert_false(client->broken);
        json_t *reply = hear();
        check_reply(reply, found, text, length);
        json_decref(reply);
        if (length % 2 == 0)
            dump_end(libvirt);
    }
}

static struct libvirt *begin(uint8_t head, int fd)
{
    static char *words[] = {"x", "-machine", "isapc", "-qmp", "unix:/x", "-kernel", "/k", NULL};
    struct error error;
    struct libvirt *libvirt = libvirt_read(7, words, &error);

    assert_non_null(libvirt);
    machine = (struct machine){.state = (head & PAUSED) != 0 ? MACHINE_PAUSED : MACHINE_RUNNING};
    if ((head & HAS_MACHINE) != 0)
        libvirt->vm = (struct libvirt_vm){&machine, "pty:/dev/pts/1", 2, 64u << 20};
    libvirt->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    libvirt->dump.finished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_int_equal(events_open(libvirt, &error), 0);
    if ((head & HAS_MACHINE) != 0)
        events_listen(libvirt);
    if ((head & HAS_DESCRIPTOR) != 0) {
        libvirt->handed_over = memfd_create("core", MFD_CLOEXEC);
        assert_int_equal(dump_begin(&libvirt->dump, &error), 0);
    }
    assert_true(qmp_client_begin(&libvirt->clients[0], fd));
    libvirt->clients[0].negotiated = (head & NEGOTIATED) != 0;
    return libvirt;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int ends[2];

    if (size < HEAD_BYTES)
        return 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    peer = ends[0];
    struct libvirt *libvirt = begin(bytes[0], ends[1]);
    struct qmp_client *client = &libvirt->clients[0];
    const size_t piece = bytes[1] == 0 ? QMP_INPUT_MOST : bytes[1];
    for (size_t at = HEAD_BYTES; at < size && !qmp_client_is_full(client);) {
        const size_t count = size - at < piece ? size - at : piece;
        assert_int_equal(send(peer, bytes + at, count, MSG_NOSIGNAL), count);
        qmp_client_receive(client, &libvirt->handed_over);
        answer_all(libvirt, client);
        assert_true(client->input_length <= QMP_INPUT_MOST);
        at += count;
    }
    assert_null(hear());
    dump_end(libvirt);
    if ((bytes[0] & HAS_DESCRIPTOR) != 0)
        dump_stop(&libvirt->dump);
    libvirt_free(libvirt);
    close(peer);
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu requests answered, %llu of them with what they asked for\n",
           (unsigned long long)answered, (unsigned long long)succeeded);
    assert_true(succeeded > 0 && succeeded < answered);
}
