/* SPDX-License-Identifier: MIT
 * holdfastctl pause, resume, reset, stop and ping. */
#include "vmm/ctl/report.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/words.h"

#include <stdio.h>
#include <time.h>

#define STOP_WAIT_MS 20000u

static enum exit_code print_state(const struct options *options, const char *vm, const char *done,
                                  enum holdfast_state state)
{
    if (options->json)
        return report_json(options, json_pack("{s:o, s:s}", "vm", report_json_text(vm), "state",
                                              words_state(state)));
    printf("%s: %s\n", vm, done);
    return EXIT_OK;
}

/* One call that gives the state that follows it. */
static enum exit_code change(const struct options *options, const char *vm,
                             const struct holdfast_reply *(*call)(struct holdfast *connection),
                             const char *done)
{
    const struct holdfast_reply *reply;
    enum exit_code code = vm_ask(options, vm, call, &reply);
    if (code == EXIT_OK)
        code = print_state(options, vm, done, reply->machine->state);
    holdfast_free(reply);
    return code;
}

enum exit_code run_pause(const struct options *options, char **arguments)
{
    return change(options, arguments[0], holdfast_pause, "paused");
}

enum exit_code run_resume(const struct options *options, char **arguments)
{
    return change(options, arguments[0], holdfast_resume, "running");
}

enum exit_code run_reset(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply;
    enum exit_code code = vm_ask(options, arguments[0], holdfast_reset, &reply);
    if (code == EXIT_OK)
        code = print_state(options, arguments[0],
                           reply->machine->state == HOLDFAST_STATE_PAUSED ? "reset, still paused"
                                                                          : "reset",
                           reply->machine->state);
    holdfast_free(reply);
    return code;
}

static enum exit_code wait_for_end(const struct options *options, const char *vm,
                                   struct holdfast *connection)
{
    struct error error;
    if (holdfast_wait_end(connection, STOP_WAIT_MS) == HOLDFAST_OK)
        return print_state(options, vm, "stopped", HOLDFAST_STATE_ENDED);
    error_set(&error, "the VM %s was told to stop but has not gone after %u s", vm,
              STOP_WAIT_MS / 1000);
    return report_failure(options, EXIT_FAILED, &error);
}

enum exit_code run_stop(const struct options *options, char **arguments)
{
    struct holdfast *connection = holdfast_connect(arguments[0]);
    /* Before the process may be gone. */
    const int process = holdfast_process(connection);
    const struct holdfast_reply *reply = holdfast_stop(connection);
    /* Another client, or a signal, has stopped it first: what was wanted happens. */
    const bool is_ending = reply->status == HOLDFAST_DISCONNECTED && process >= 0;
    enum exit_code code = is_ending ? EXIT_OK : vm_judge(options, reply);
    if (code == EXIT_OK)
        code = wait_for_end(options, arguments[0], connection);
    holdfast_free(reply);
    holdfast_close(connection);
    return code;
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

enum exit_code run_ping(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply;
    double start = milliseconds();
    enum exit_code code = vm_ask(options, arguments[0], holdfast_ping, &reply);
    double took = milliseconds() - start;
    if (code == EXIT_OK && options->json)
        code =
            report_json(options, json_pack("{s:o, s:f}", "vm", report_json_text(reply->ping->name),
                                           "milliseconds", took));
    else if (code == EXIT_OK)
        printf("%s: answered after %.2f ms\n", arguments[0], took);
    holdfast_free(reply);
    return code;
}
