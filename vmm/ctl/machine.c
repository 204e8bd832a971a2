/* SPDX-License-Identifier: MIT
 * holdfastctl pause, resume, reset, stop and ping. */
#include "vmm/ctl/call.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/words.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define STOP_WAIT_MS 20000u

static enum exit_code print_state(const struct options *options, const char *vm, const char *done,
                                  MachineState state)
{
    if (options->json)
        return report_json(options, json_pack("{s:o, s:s}", "vm", report_json_text(vm), "state",
                                              words_state(state)));
    printf("%s: %s\n", vm, done);
    return EXIT_OK;
}

enum exit_code run_pause(const struct options *options, char **arguments)
{
    struct peer peer;
    const Response *response;
    MESSAGE(PauseRequest) pause = MESSAGE_INIT(PAUSE_REQUEST);
    Request request = REQUEST_INIT;
    request.pause = &pause;
    request.call_case = CALL(PAUSE);
    enum exit_code code = peer_ask(&peer, arguments[0], &request, &response, options);
    if (code != EXIT_OK)
        return code;
    code = print_state(options, arguments[0], "paused", response->pause->state);
    peer_close(&peer);
    return code;
}

enum exit_code run_resume(const struct options *options, char **arguments)
{
    struct peer peer;
    const Response *response;
    MESSAGE(ResumeRequest) resume = MESSAGE_INIT(RESUME_REQUEST);
    Request request = REQUEST_INIT;
    request.resume = &resume;
    request.call_case = CALL(RESUME);
    enum exit_code code = peer_ask(&peer, arguments[0], &request, &response, options);
    if (code != EXIT_OK)
        return code;
    code = print_state(options, arguments[0], "running", response->resume->state);
    peer_close(&peer);
    return code;
}

enum exit_code run_reset(const struct options *options, char **arguments)
{
    struct peer peer;
    const Response *response;
    MESSAGE(ResetRequest) reset = MESSAGE_INIT(RESET_REQUEST);
    Request request = REQUEST_INIT;
    request.reset = &reset;
    request.call_case = CALL(RESET);
    enum exit_code code = peer_ask(&peer, arguments[0], &request, &response, options);
    if (code != EXIT_OK)
        return code;
    code = print_state(options, arguments[0],
                       response->reset->state == STATE(PAUSED) ? "reset, still paused" : "reset",
                       response->reset->state);
    peer_close(&peer);
    return code;
}

static enum exit_code stop_and_wait(const struct options *options, struct peer *peer,
                                    struct error *error)
{
    const Response *response;
    MESSAGE(StopRequest) stop = MESSAGE_INIT(STOP_REQUEST);
    Request request = REQUEST_INIT;
    request.stop = &stop;
    request.call_case = CALL(STOP);
    /* Before the process may be gone. */
    int process = peer_process(peer);
    enum exit_code code = peer_call(peer, &request, &response, error);
    /* Another client, or a signal, has stopped it first: what was wanted happens. */
    if (peer->ended && process >= 0)
        code = EXIT_OK;
    if (code == EXIT_OK && !peer_wait_end(peer, process, STOP_WAIT_MS)) {
        error_set(error, "the VM %s was told to stop but has not gone after %u s", peer->vm,
                  STOP_WAIT_MS / 1000);
        code = EXIT_FAILED;
    }
    if (process >= 0)
        close(process);
    return code == EXIT_OK ? print_state(options, peer->vm, "stopped", STATE(ENDED)) : code;
}

enum exit_code run_stop(const struct options *options, char **arguments)
{
    struct peer peer;
    struct error error;
    enum exit_code code = peer_open(&peer, arguments[0], &error);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    code = stop_and_wait(options, &peer, &error);
    peer_close(&peer);
    return code == EXIT_OK ? EXIT_OK : report_failure(options, code, &error);
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

enum exit_code run_ping(const struct options *options, char **arguments)
{
    struct peer peer;
    const Response *response;
    MESSAGE(PingRequest) ping = MESSAGE_INIT(PING_REQUEST);
    Request request = REQUEST_INIT;
    request.ping = &ping;
    request.call_case = CALL(PING);
    double start = milliseconds();
    enum exit_code code = peer_ask(&peer, arguments[0], &request, &response, options);
    double took = milliseconds() - start;
    if (code != EXIT_OK)
        return code;
    if (options->json)
        code = report_json(options,
                           json_pack("{s:o, s:f}", "vm", report_json_text(response->ping->name),
                                     "milliseconds", took));
    else
        printf("%s: answered after %.2f ms\n", arguments[0], took);
    peer_close(&peer);
    return code;
}
