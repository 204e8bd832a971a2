/* SPDX-License-Identifier: MIT
 * holdfastctl powerdown. */
#include "vmm/ctl/call.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/words.h"

#include <stdio.h>
#include <unistd.h>

/* NULL: the guest is likely to turn itself off. */
static const char *why_in_vain(const MESSAGE(PowerdownReply) * reply)
{
    if (!reply->listens)
        return "no driver of the guest listens to the power button (Linux has it in the module "
               "'button', with ACPI); ";
    if (reply->state == STATE(PAUSED))
        return "the VM is paused, and the guest sees the power button only when it is resumed; ";
    return NULL;
}

/* The VMM closes a connection on which nothing is asked for a minute. */
#define ASK_AGAIN_MS 20000u

/* true: the VMM has gone. */
static bool wait_for_end(struct peer *peer, int process, uint64_t milliseconds)
{
    const uint64_t deadline = peer_clock_ms() + milliseconds;
    MESSAGE(PingRequest) ping = MESSAGE_INIT(PING_REQUEST);
    Request request = REQUEST_INIT;
    const Response *response;
    struct error unused;

    request.ping = &ping;
    request.call_case = CALL(PING);
    for (;;) {
        const uint64_t now = peer_clock_ms();
        const uint64_t left = deadline > now ? deadline - now : 0;
        if (peer_wait_end(peer, process, (uint32_t)(left < ASK_AGAIN_MS ? left : ASK_AGAIN_MS)))
            return true;
        if (peer->ended || left == 0)
            return false;
        peer_call(peer, &request, &response, &unused);
    }
}

static enum exit_code press(const struct options *options, struct peer *peer, int process,
                            struct error *error)
{
    MESSAGE(PowerdownRequest) powerdown = MESSAGE_INIT(POWERDOWN_REQUEST);
    Request request = REQUEST_INIT;
    const Response *response;

    request.powerdown = &powerdown;
    request.call_case = CALL(POWERDOWN);
    const enum exit_code code = peer_call(peer, &request, &response, error);
    if (code != EXIT_OK)
        return code;
    const char *vain = why_in_vain(response->powerdown);
    if (vain != NULL) {
        error_set(error, "%s: %s`holdfastctl stop %s` ends the VM as it stands", peer->vm, vain,
                  peer->vm);
        return EXIT_FAILED;
    }
    if (options->wait > 0 && !wait_for_end(peer, process, (uint64_t)(options->wait * 1000))) {
        error_set(error,
                  "%s: the power button was pressed, but the VM still runs after %g s; "
                  "`holdfastctl stop %s` ends it as it stands",
                  peer->vm, options->wait, peer->vm);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

static enum exit_code tell(const struct options *options, const char *vm)
{
    const bool has_ended = options->wait > 0;

    if (options->json)
        return report_json(options, json_pack("{s:o, s:b, s:b}", "vm", report_json_text(vm),
                                              "pressed", 1, "ended", has_ended));
    printf("%s: %s\n", vm, has_ended ? "has turned itself off" : "the power button was pressed");
    return EXIT_OK;
}

enum exit_code run_powerdown(const struct options *options, char **arguments)
{
    struct peer peer;
    struct error error;
    enum exit_code code = peer_open(&peer, arguments[0], &error);

    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    /* Before the process may be gone. */
    const int process = peer_process(&peer);
    code = press(options, &peer, process, &error);
    if (process >= 0)
        close(process);
    peer_close(&peer);
    return code == EXIT_OK ? tell(options, arguments[0]) : report_failure(options, code, &error);
}
