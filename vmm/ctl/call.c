/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/call.h"

#include "vmm/ctl/report.h"
#include "vmm/ctl/words.h"

/* Several times what a VM of this version has. */
#define OBJECTS_SANE  4096u
#define TAGS_SANE     4096u
#define RESCUES_SANE  4096u
#define PARTS_SANE    64u
#define SETTINGS_SANE 256u

static enum exit_code late(const struct peer *peer, struct error *error)
{
    if (peer->until_ms != 0 && peer_clock_ms() >= peer->until_ms)
        error_set(error, "the VM %s does not come to an end with its answers", peer->vm);
    else
        error_set(error, "the VM %s does not answer (waited %u s)", peer->vm, peer->wait_ms / 1000);
    return EXIT_CONTACT;
}

static enum exit_code closed(const struct peer *peer, struct error *error)
{
    error_set(error, "the VM %s closed the connection", peer->vm);
    return EXIT_CONTACT;
}

static enum exit_code nonsense(const struct peer *peer, const char *what, struct error *error)
{
    error_set(error, "the VM %s does not speak the protocol of this holdfastctl: %s", peer->vm,
              what);
    return EXIT_CONTACT;
}

/* Sends the request. A server that turns us away has answered before it read: then the response
 * can still be received. */
static enum exit_code send_request(struct peer *peer, const Request *request, uint64_t deadline,
                                   struct error *error)
{
    uint8_t frame[FRAME_HEADER + REQUEST_MAX];
    size_t length = holdfast__control__v1__request__get_packed_size(request);
    if (length > REQUEST_MAX) {
        error_set(error, "the request is too large");
        return EXIT_USAGE;
    }
    frame_put_length(frame, (uint32_t)length);
    holdfast__control__v1__request__pack(request, frame + FRAME_HEADER);
    if (peer_send(peer, frame, FRAME_HEADER + length, deadline) == PEER_LATE)
        return late(peer, error);
    return EXIT_OK;
}

/* Waits for a frame and decodes it. */
static enum exit_code receive_response(struct peer *peer, uint64_t deadline,
                                       const Response **response, struct error *error)
{
    const uint8_t *message;
    uint32_t length;
    enum frame_state state;
    while ((state = frame_reader_look(&peer->input, &message, &length)) != FRAME_COMPLETE) {
        if (state == FRAME_TOO_LARGE)
            return nonsense(peer, "its response is too large", error);
        enum peer_io io = peer_receive(peer, deadline);
        if (io != PEER_DONE)
            return io == PEER_LATE ? late(peer, error) : closed(peer, error);
    }
    bounded_reset(&peer->decode);
    *response = holdfast__control__v1__response__unpack(&peer->decode.allocator, length, message);
    frame_reader_drop(&peer->input);
    return *response != NULL ? EXIT_OK : nonsense(peer, "its response does not decode", error);
}

/* The exit code of a status other than OK. */
static enum exit_code explain_status(const struct peer *peer, const Response *response,
                                     struct error *error)
{
    char status[32];
    words_status(response->status, status, sizeof status);
    if (response->message[0] != '\0')
        error_set(error, "%s: %s (%s)", peer->vm, response->message, status);
    else
        error_set(error, "%s: refused (%s)", peer->vm, status);
    switch (response->status) {
    case STATUS(REFUSED):
        return EXIT_PERMISSION;
    case STATUS(BUSY): /* the server, or what was asked for */
        return response->id == 0 ? EXIT_CONTACT : EXIT_FAILED;
    default:
        return EXIT_FAILED;
    }
}

/* Whether no list in a reply is longer than a VM's ever is: to show it would take memory and time.
 */
static bool has_sane_lists(const Response *response)
{
    switch (response->reply_case) {
    case REPLY(LIST_WINDOWS):
        return response->list_windows->n_windows <= WINDOWS_PER_REPLY;
    case REPLY(LIST_OBJECTS):
        return response->list_objects->n_objects <= OBJECTS_SANE;
    case REPLY(PICTURE):
        return response->picture->n_cells <= PICTURE_CELLS_MAX;
    case REPLY(GUARANTEE):
        return response->guarantee->n_tags <= TAGS_SANE &&
               response->guarantee->n_rescues <= RESCUES_SANE;
    case REPLY(SETTINGS):
        return response->settings->n_settings <= SETTINGS_SANE;
    case REPLY(DRILL_REPORT):
        return response->drill_report->n_parts <= PARTS_SANE;
    default:
        return true;
    }
}

static enum exit_code judge(const struct peer *peer, const Request *request,
                            const Response *response, struct error *error)
{
    bool unrelated = response->id != request->id;
    /* Responses to no request have id 0 and say why the connection is of no use. */
    if (unrelated && (response->id != 0 || response->status == STATUS(OK)))
        return nonsense(peer, "it answered another request", error);
    if (response->status != STATUS(OK))
        return explain_status(peer, response, error);
    /* Calls and their replies have the same numbers. */
    if ((int)response->reply_case != (int)request->call_case)
        return nonsense(peer, "the reply is not one to this call", error);
    if (!has_sane_lists(response))
        return nonsense(peer, "its list is longer than that of any VM", error);
    return EXIT_OK;
}

enum exit_code peer_call(struct peer *peer, Request *request, const Response **response,
                         struct error *error)
{
    uint64_t deadline = peer_clock_ms() + peer->wait_ms;
    if (peer->until_ms != 0 && peer->until_ms < deadline)
        deadline = peer->until_ms;
    request->protocol_minor = PROTOCOL_MINOR;
    request->id = ++peer->last_id;
    enum exit_code code = send_request(peer, request, deadline, error);
    if (code == EXIT_OK)
        code = receive_response(peer, deadline, response, error);
    if (code == EXIT_OK)
        code = judge(peer, request, *response, error);
    return code;
}

enum exit_code peer_ask(struct peer *peer, const char *vm, Request *request,
                        const Response **response, const struct options *options)
{
    struct error error;
    enum exit_code code = peer_open(peer, vm, &error);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    code = peer_call(peer, request, response, &error);
    if (code == EXIT_OK)
        return EXIT_OK;
    peer_close(peer);
    return report_failure(options, code, &error);
}
