/* SPDX-License-Identifier: MIT
 * holdfastctl metrics: OpenMetrics text of all VMs, or of one. What the exporter serves comes from
 * the same room. */
#include "vmm/metrics/metrics.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/vm.h"

#include <stdio.h>

#define WAIT_MS 10000u /* for each VM; all of them wait at once */

/* A VM that was asked for by name must answer. */
static enum exit_code ask_one(const struct options *options, const char *name,
                              struct metrics_vms *vms)
{
    struct error error;

    if (metrics_add(vms, name, &error) < 0)
        return report_failure(options, EXIT_FAILED, &error);
    metrics_ask(vms, WAIT_MS);
    const struct metrics_vm *vm = &vms->vm[0];
    if (vm->status == HOLDFAST_OK)
        return EXIT_OK;
    error_set(&error, "%s", vm->why_not);
    return report_failure(options, vm_exit(vm->status), &error);
}

/* Among all, one that does not answer is told of in the text. */
static enum exit_code ask_all(const struct options *options, struct metrics_vms *vms)
{
    struct error error;

    if (metrics_find(vms, &error) < 0)
        return report_failure(options, EXIT_CONTACT, &error);
    metrics_ask(vms, WAIT_MS);
    return EXIT_OK;
}

static enum exit_code print(const struct options *options, const struct metrics_vms *vms)
{
    struct error error;

    metrics_write(stdout, METRICS_OPENMETRICS, vms);
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return EXIT_OK;
    error_set(&error, "the text cannot be written");
    return report_failure(options, EXIT_FAILED, &error);
}

enum exit_code run_metrics(const struct options *options, char **arguments)
{
    struct metrics_vms vms = {0};

    if (options->json)
        return report_usage(options, "metrics prints OpenMetrics text, and no JSON");
    enum exit_code code =
        arguments[0] != NULL ? ask_one(options, arguments[0], &vms) : ask_all(options, &vms);
    if (code == EXIT_OK)
        code = print(options, &vms);
    metrics_free(&vms);
    return code;
}
