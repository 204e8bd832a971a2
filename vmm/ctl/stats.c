/* SPDX-License-Identifier: MIT
 * holdfastctl stats. */
#include "vmm/ctl/stats.h"

#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/words.h"

#include <inttypes.h>

static json_t *arena_json(const struct holdfast_stats_reply *stats)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "base",
        report_json_number(stats->arena_base), "pages", report_json_number(stats->arena_pages),
        "free_pages", report_json_number(stats->arena_free_pages), "largest_free_pages",
        report_json_number(stats->arena_largest_pages), "mapped_pages",
        report_json_number(stats->mapped_pages), "windows", report_json_number(stats->windows),
        "windows_max", report_json_number(stats->windows_max), "extents",
        report_json_number(stats->extents), "extents_reserved",
        report_json_number(stats->extents_reserved), "extents_max",
        report_json_number(stats->extents_max));
}

json_t *stats_json(const struct holdfast_stats_reply *stats)
{
    json_t *calls = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "total", report_json_number(stats->calls),
        "refused", report_json_number(stats->refused), "reserves",
        report_json_number(stats->reserves), "releases", report_json_number(stats->releases),
        "maps", report_json_number(stats->maps), "unmaps", report_json_number(stats->unmaps),
        "flushes", report_json_number(stats->flushes), "discards",
        report_json_number(stats->discards));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "state",
                     words_state(stats->state), "uptime_ms", report_json_number(stats->uptime_ms),
                     "arena", arena_json(stats), "calls", calls, "faults",
                     report_json_number(stats->faults), "host_failures",
                     report_json_number(stats->host_failures), "io_errors",
                     report_json_number(stats->io_errors), "prefault", stats->prefault, "exits",
                     report_json_number(stats->exits), "resets", report_json_number(stats->resets));
}

static void add_pages(struct table *table, const char *name, uint64_t pages)
{
    char size[TEXT_NUMBER];
    text_pages(pages, size);
    table_add(table, "%s", name);
    table_add(table, "%s", size);
}

static void add_of(struct table *table, const char *name, uint64_t number, uint64_t most)
{
    table_add(table, "%s", name);
    table_add(table, "%" PRIu64 " of %" PRIu64, number, most);
}

static void add_count(struct table *table, const char *name, uint64_t number)
{
    table_add(table, "%s", name);
    table_add(table, "%" PRIu64, number);
}

static void add_arena(struct table *table, const struct holdfast_stats_reply *stats)
{
    add_pages(table, "Arena", stats->arena_pages);
    add_pages(table, "  free", stats->arena_free_pages);
    add_pages(table, "  longest free range", stats->arena_largest_pages);
    add_pages(table, "  mapped", stats->mapped_pages);
    add_of(table, "Windows", stats->windows, stats->windows_max);
    add_of(table, "Extents reserved", stats->extents_reserved, stats->extents_max);
    add_of(table, "  mapped", stats->extents, stats->extents_reserved);
    table_add(table, "Tables made ahead");
    table_add(table, "%s", stats->prefault ? "yes" : "no (the host cannot)");
}

static void add_events(struct table *table, const struct holdfast_stats_reply *stats)
{
    add_count(table, "Hypercalls", stats->calls);
    add_count(table, "  refused", stats->refused);
    add_count(table, "  reserve", stats->reserves);
    add_count(table, "  release", stats->releases);
    add_count(table, "  map", stats->maps);
    add_count(table, "  unmap", stats->unmaps);
    add_count(table, "  flush", stats->flushes);
    add_count(table, "  discard", stats->discards);
    add_count(table, "Guest faults", stats->faults);
    add_count(table, "Host failures", stats->host_failures);
    add_count(table, "Input/output errors", stats->io_errors);
    add_count(table, "Exits from KVM", stats->exits);
    add_count(table, "Resets", stats->resets);
}

static bool print(const struct holdfast_stats_reply *stats)
{
    static const struct table_column columns[] = {{NULL, false}, {NULL, false}};
    char uptime[TEXT_NUMBER];
    struct table *table = table_new(columns, 2);
    if (table == NULL)
        return false;
    text_duration(stats->uptime_ms, uptime);
    table_add(table, "State");
    table_add(table, "%s", words_state(stats->state));
    table_add(table, "Uptime");
    table_add(table, "%s", uptime);
    add_arena(table, stats);
    add_events(table, stats);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed;
}

enum exit_code run_stats(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply;
    enum exit_code code = vm_ask(options, arguments[0], holdfast_stats, &reply);
    if (code == EXIT_OK && options->json)
        code = report_json(options, stats_json(reply->stats));
    else if (code == EXIT_OK && !print(reply->stats))
        code = report_no_memory(options);
    holdfast_free(reply);
    return code;
}
