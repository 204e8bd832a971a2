/* SPDX-License-Identifier: MIT
 * holdfastctl drill. The VMM ends a drill when its client goes, so that the connection is kept
 * until the last report. */
#include "vmm/ctl/clock.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/vm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define COUNT_DEFAULT 10u
#define COUNT_MOST    100u
#define LATE_MS       20000u
#define WAIT_DEFAULT  10.0 /* seconds */
#define WAIT_MOST     30.0 /* seconds */
#define PAUSE_NS      100000000L

typedef struct holdfast_drill_reply Report;

static const struct {
    const char *word;
    enum holdfast_primitive primitive;
} words[] = {
    {"all", HOLDFAST_PRIMITIVE_ALL},     {"map", HOLDFAST_PRIMITIVE_MAP},
    {"guard", HOLDFAST_PRIMITIVE_GUARD}, {"prefault", HOLDFAST_PRIMITIVE_PREFAULT},
    {"run", HOLDFAST_PRIMITIVE_RUN},     {"reach", HOLDFAST_PRIMITIVE_REACH},
};
#define WORDS (sizeof words / sizeof words[0])

static const char *word_of(enum holdfast_primitive primitive)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].primitive == primitive)
            return words[i].word;
    return "unknown";
}

/* ---- what came of it ---- */

enum verdict { THROUGH, FAILED, NO_CALLS, NOTHING_FAILED };

static const char *const verdicts[] = {
    [THROUGH] = "every call of the guest went through",
    [FAILED] = "calls of the guest failed: see the VMM's log",
    [NO_CALLS] = "the guest made no call: run the drill under load",
    [NOTHING_FAILED] = "nothing was made to fail, for the guest did nothing that needs it",
};

static enum verdict judge(const Report *report)
{
    uint64_t done = 0;
    bool only_run = report->parts_count > 0;
    for (size_t i = 0; i < report->parts_count; i++) {
        done += report->parts[i]->done;
        only_run = only_run && report->parts[i]->primitive == HOLDFAST_PRIMITIVE_RUN;
    }
    if (report->failed > 0)
        return FAILED;
    /* A vCPU that is run again needs no call of the guest. */
    if (report->calls == 0 && !only_run)
        return NO_CALLS;
    return done == 0 ? NOTHING_FAILED : THROUGH;
}

static enum exit_code print_json(const struct options *options, const char *vm,
                                 const Report *report)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < report->parts_count; i++)
        json_array_append_new(
            parts, json_pack("{s:s, s:o, s:o}", "primitive", word_of(report->parts[i]->primitive),
                             "asked", report_json_number(report->parts[i]->asked), "failed",
                             report_json_number(report->parts[i]->done)));
    return report_json(options,
                       json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:b, s:s}", "vm",
                                 report_json_text(vm), "primitives", parts, "calls",
                                 report_json_number(report->calls), "calls_failed",
                                 report_json_number(report->failed), "calls_retried",
                                 report_json_number(report->rescued), "retries",
                                 report_json_number(report->refusals), "longest_ms",
                                 (double)report->longest_us / 1e3, "passed",
                                 judge(report) == THROUGH, "verdict", verdicts[judge(report)]));
}

static bool print_parts(const Report *report)
{
    static const struct table_column columns[] = {
        {"PRIMITIVE", false}, {"TO FAIL", true}, {"FAILED", true}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return false;
    for (size_t i = 0; i < report->parts_count; i++) {
        table_add(table, "%s", word_of(report->parts[i]->primitive));
        table_add(table, "%u", report->parts[i]->asked);
        table_add(table, "%u", report->parts[i]->done);
    }
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed;
}

static enum exit_code print(const struct options *options, const char *vm, const Report *report)
{
    if (!print_parts(report))
        return report_no_memory(options);
    printf("Calls of the guest that went through: %" PRIu64 ", after a failure: %" PRIu64
           ", failed: %" PRIu64 "\n",
           report->calls, report->rescued, report->failed);
    printf("Retries: %" PRIu64 "; the longest call took %.1f ms\n", report->refusals,
           (double)report->longest_us / 1e3);
    printf("%s: %s\n", vm, verdicts[judge(report)]);
    return EXIT_OK;
}

/* ---- the drill ---- */

struct drill {
    enum holdfast_primitive primitive;
    uint32_t count;
    uint32_t wait_ms;
};

static enum exit_code read_request(const struct options *options, struct drill *drill)
{
    const char *word = options->primitive != NULL ? options->primitive : "all";
    size_t i = 0;
    while (i < WORDS && strcmp(words[i].word, word) != 0)
        i++;
    if (i == WORDS)
        return report_usage(options, "bad primitive '%.64s': map, guard, prefault, run or all",
                            word);
    if (options->count > COUNT_MOST)
        return report_usage(options, "bad count %" PRIu64 " of a drill: 1 to %u", options->count,
                            COUNT_MOST);
    if (options->wait > WAIT_MOST)
        return report_usage(options, "bad time %g to wait for a drill: 0.1 to %g seconds",
                            options->wait, WAIT_MOST);
    drill->primitive = words[i].primitive;
    drill->count = options->count > 0 ? (uint32_t)options->count : COUNT_DEFAULT;
    drill->wait_ms = (uint32_t)((options->wait > 0 ? options->wait : WAIT_DEFAULT) * 1000);
    return EXIT_OK;
}

static enum exit_code report_endless(const struct options *options, const char *vm)
{
    struct error error;
    error_set(&error, "the VM %s does not come to an end with its answers", vm);
    return report_failure(options, EXIT_CONTACT, &error);
}

/* Asks until the drill has ended, and shows its report. The VM ends it in time. */
static enum exit_code wait_for_end(const struct options *options, const char *vm,
                                   struct holdfast *connection, uint32_t wait_ms)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    const uint64_t until = clock_ms() + wait_ms + LATE_MS;
    const struct holdfast_reply *reply = NULL;
    enum exit_code code;
    do {
        holdfast_free(reply);
        nanosleep(&pause, NULL);
        reply = holdfast_drill_report(connection);
        code = vm_judge(options, reply);
    } while (code == EXIT_OK && reply->drill->running && clock_ms() < until);
    if (code == EXIT_OK && reply->drill->running)
        code = report_endless(options, vm);
    else if (code == EXIT_OK)
        code = options->json ? print_json(options, vm, reply->drill)
                             : print(options, vm, reply->drill);
    if (code == EXIT_OK && judge(reply->drill) != THROUGH)
        code = EXIT_FAILED;
    holdfast_free(reply);
    return code;
}

enum exit_code run_drill(const struct options *options, char **arguments)
{
    struct drill drill = {0};
    enum exit_code code = read_request(options, &drill);
    if (code != EXIT_OK)
        return code;
    struct holdfast *connection = holdfast_connect(arguments[0]);
    const struct holdfast_reply *reply =
        holdfast_drill(connection, drill.primitive, drill.count, drill.wait_ms);
    code = vm_judge(options, reply);
    holdfast_free(reply);
    if (code == EXIT_OK)
        code = wait_for_end(options, arguments[0], connection, drill.wait_ms);
    holdfast_close(connection);
    return code;
}
