/* SPDX-License-Identifier: MIT
 * holdfastctl powerdown. */
#include "vmm/ctl/clock.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/vm.h"

#include <stdio.h>

/* NULL: the guest is likely to turn itself off. */
static const char *why_in_vain(const struct holdfast_powerdown_reply *reply)
{
    if (!reply->listens)
        return "no driver of the guest listens to the power button (Linux has it in the module "
               "'button', with ACPI); ";
    if (reply->state == HOLDFAST_STATE_PAUSED)
        return "the VM is paused, and the guest sees the power button only when it is resumed; ";
    return NULL;
}

/* The VMM closes a connection on which nothing is asked for a minute. */
#define ASK_AGAIN_MS 20000u

static enum holdfast_status wait_and_ask(struct holdfast *connection, uint64_t milliseconds)
{
    const uint64_t until = clock_ms() + milliseconds;

    for (;;) {
        const uint64_t now = clock_ms(), left = until > now ? until - now : 0;
        const enum holdfast_status status =
            holdfast_wait_end(connection, (uint32_t)(left < ASK_AGAIN_MS ? left : ASK_AGAIN_MS));
        if (status != HOLDFAST_TIMED_OUT || left <= ASK_AGAIN_MS)
            return status;
        holdfast_free(holdfast_ping(connection));
    }
}

static enum exit_code wait_for_end(const struct options *options, const char *vm,
                                   struct holdfast *connection)
{
    struct error error;

    if (wait_and_ask(connection, (uint64_t)(options->wait * 1000)) == HOLDFAST_OK)
        return EXIT_OK;
    error_set(&error,
              "%s: the power button was pressed, but the VM still runs after %g s; "
              "`holdfastctl stop %s` ends it as it stands",
              vm, options->wait, vm);
    return report_failure(options, EXIT_FAILED, &error);
}

/* What has failed was reported. */
static enum exit_code press(const struct options *options, const char *vm,
                            struct holdfast *connection)
{
    const struct holdfast_reply *reply = holdfast_powerdown(connection);
    enum exit_code code = vm_judge(options, reply);
    const char *vain = code == EXIT_OK ? why_in_vain(reply->powerdown) : NULL;
    struct error error;

    holdfast_free(reply);
    if (vain != NULL) {
        error_set(&error, "%s: %s`holdfastctl stop %s` ends the VM as it stands", vm, vain, vm);
        code = report_failure(options, EXIT_FAILED, &error);
    }
    return code == EXIT_OK && options->wait > 0 ? wait_for_end(options, vm, connection) : code;
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
    struct holdfast *connection = holdfast_connect(arguments[0]);

    holdfast_process(connection); /* before it may be gone */
    const enum exit_code code = press(options, arguments[0], connection);
    holdfast_close(connection);
    return code == EXIT_OK ? tell(options, arguments[0]) : code;
}
