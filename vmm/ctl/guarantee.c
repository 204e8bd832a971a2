/* SPDX-License-Identifier: MIT
 * holdfastctl guarantee: the reply and how it is shown. What the guarantee rests on is in
 * conditions.c. */
#include "vmm/ctl/conditions.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct holdfast_guarantee_reply Guarantee;

/* ---- JSON ---- */

static json_t *account_json(const struct holdfast_account *account)
{
    return json_pack("{s:o, s:o, s:o}", "held", report_json_number(account->held), "in_use",
                     report_json_number(account->in_use), "limit",
                     report_json_number(account->limit));
}

static json_t *amounts_json(const struct holdfast_amounts *amounts)
{
    return json_pack("{s:o, s:o, s:o}", "windows", report_json_number(amounts->windows), "pages",
                     report_json_number(amounts->pages), "extents",
                     report_json_number(amounts->extents));
}

static json_t *tag_json(const struct holdfast_tag *tag)
{
    char text[TEXT_NUMBER];
    text_tag(tag->tag, text);
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:f}", "tag",
                     report_json_number(tag->tag), "tag_text", text, "held",
                     amounts_json(tag->held), "high", amounts_json(tag->high), "quota",
                     amounts_json(tag->quota), "refused", report_json_number(tag->refused),
                     "rescued", report_json_number(tag->rescued), "longest_rescue_ms",
                     (double)tag->longest_rescue_us / 1e3);
}

/* An access outside any call, and not a call. */
static bool is_access(const struct holdfast_rescue *rescue)
{
    return strcmp(rescue->call, "access") == 0;
}

static json_t *rescue_json(const struct holdfast_rescue *rescue)
{
    const bool no_address = is_access(rescue) && !rescue->address_known;
    char text[TEXT_NUMBER];
    text_tag(rescue->tag, text);
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "call",
        report_json_text(rescue->call), "vcpu",
        is_access(rescue) ? report_json_number(rescue->vcpu) : json_null(), "waited_ms",
        report_json_number(rescue->waited_ms), "window", report_json_number(rescue->window),
        "address", no_address ? json_null() : report_json_number(rescue->address), "tag",
        report_json_number(rescue->tag), "tag_text", text, "system_call",
        report_json_text(rescue->system_call), "error", report_json_text(rescue->error), "attempts",
        report_json_number(rescue->attempts));
}

static json_t *rescues_json(const Guarantee *guarantee)
{
    json_t *rescues = json_array();
    for (size_t i = 0; i < guarantee->rescues_count; i++)
        json_array_append_new(rescues, rescue_json(guarantee->rescues[i]));
    return rescues;
}

static enum exit_code print_json(const struct options *options, const char *vm,
                                 const Guarantee *guarantee)
{
    json_t *accounts = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "arena_pages", account_json(guarantee->arena),
        "vmas", account_json(guarantee->vmas), "tables", account_json(guarantee->tables),
        "ram_tables", account_json(guarantee->ram_tables), "object_memory_bytes",
        account_json(guarantee->object_memory), "ballast_bytes", account_json(guarantee->ballast),
        "windows", account_json(guarantee->windows), "extents", account_json(guarantee->extents));
    json_t *vmas = json_pack("{s:o, s:o, s:o}", "most", report_json_number(guarantee->vmas_process),
                             "elsewhere", report_json_number(guarantee->vmas_elsewhere), "margin",
                             report_json_number(guarantee->vmas_margin));
    json_t *costs = json_pack("{s:o, s:o}", "set_aside", report_json_number(guarantee->extent_cost),
                              "measured", report_json_number(guarantee->extent_measured));
    json_t *tags = json_array();
    for (size_t i = 0; i < guarantee->tags_count; i++)
        json_array_append_new(tags, tag_json(guarantee->tags[i]));
    return report_json(
        options, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                           "vm", report_json_text(vm), "mode", report_json_text(guarantee->mode),
                           "conditions", conditions_json(guarantee), "accounts", accounts,
                           "vmas_of_process", vmas, "extent_bytes", costs, "ballast_taken_bytes",
                           report_json_number(guarantee->ballast_taken), "times_lent",
                           report_json_number(guarantee->times_lent), "refusals",
                           report_json_number(guarantee->refusals), "rescued",
                           report_json_number(guarantee->rescued), "host_failures",
                           report_json_number(guarantee->host_failures), "rescues_all",
                           report_json_number(guarantee->rescues_all), "rescues",
                           rescues_json(guarantee), "tags", tags));
}

/* ---- for people ---- */

static void add_numbers(struct table *table, const char *name,
                        const struct holdfast_account *account)
{
    table_add(table, "%s", name);
    table_add(table, "%" PRIu64, account->held);
    table_add(table, "%" PRIu64, account->in_use);
    table_add(table, "%" PRIu64, account->limit);
}

static void add_sizes(struct table *table, const char *name, const struct holdfast_account *account,
                      void (*text)(uint64_t number, char to[TEXT_NUMBER]))
{
    char held[TEXT_NUMBER];
    char in_use[TEXT_NUMBER];
    char limit[TEXT_NUMBER];
    text(account->held, held);
    text(account->in_use, in_use);
    text(account->limit, limit);
    table_add(table, "%s", name);
    table_add(table, "%s", held);
    table_add(table, "%s", in_use);
    table_add(table, "%s", limit);
}

static bool print_accounts(const Guarantee *guarantee)
{
    static const struct table_column columns[] = {
        {"BUDGET", false}, {"HELD", true}, {"IN USE", true}, {"LIMIT", true}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return false;
    add_sizes(table, "Arena", guarantee->arena, text_pages);
    add_numbers(table, "Windows", guarantee->windows);
    add_numbers(table, "Extents", guarantee->extents);
    add_numbers(table, "VMAs", guarantee->vmas);
    add_numbers(table, "Tables", guarantee->tables);
    add_numbers(table, "RAM tables", guarantee->ram_tables);
    add_sizes(table, "Object memory", guarantee->object_memory, text_bytes);
    add_sizes(table, "Ballast", guarantee->ballast, text_bytes);
    bool printed = table_print(table, stdout);
    table_free(table);
    if (printed)
        printf("VMAs: the kernel allows the VMM %" PRIu64 " (vm.max_map_count); %" PRIu64
               " are for the rest of it, %" PRIu64 " are a margin.\n",
               guarantee->vmas_process, guarantee->vmas_elsewhere, guarantee->vmas_margin);
    if (printed && guarantee->extent_measured > 0)
        printf("Ballast: %" PRIu32 " bytes for an extent; the kernel was seen to charge %" PRIu32
               " at the start.\n",
               guarantee->extent_cost, guarantee->extent_measured);
    else if (printed && guarantee->extent_cost > 0)
        printf("Ballast: %" PRIu32 " bytes for an extent, built in.\n", guarantee->extent_cost);
    return printed;
}

/* "held/quota", or "held" without a quota. */
static void add_held(struct table *table, uint64_t held, uint64_t quota)
{
    if (quota > 0)
        table_add(table, "%" PRIu64 "/%" PRIu64, held, quota);
    else
        table_add(table, "%" PRIu64, held);
}

static void add_tag(struct table *table, const struct holdfast_tag *tag)
{
    char text[TEXT_NUMBER];
    text_tag(tag->tag, text);
    table_add(table, "%s", text);
    add_held(table, tag->held->windows, tag->quota->windows);
    add_held(table, tag->held->pages, tag->quota->pages);
    add_held(table, tag->held->extents, tag->quota->extents);
    table_add(table, "%" PRIu64 "/%" PRIu64 "/%" PRIu64, tag->high->windows, tag->high->pages,
              tag->high->extents);
    table_add(table, "%" PRIu64, tag->refused);
    table_add(table, "%" PRIu64, tag->rescued);
    if (tag->rescued > 0)
        table_add(table, "%.1f ms", (double)tag->longest_rescue_us / 1e3);
    else
        table_add(table, "-");
}

static bool print_tags(const Guarantee *guarantee)
{
    static const struct table_column columns[] = {
        {"TAG", false}, {"WINDOWS", true}, {"PAGES", true},   {"EXTENTS", true},
        {"HIGH", true}, {"REFUSED", true}, {"RESCUED", true}, {"LONGEST", true}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return false;
    for (size_t i = 0; i < guarantee->tags_count; i++)
        add_tag(table, guarantee->tags[i]);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed;
}

static void add_rescue(struct table *table, const struct holdfast_rescue *rescue)
{
    char address[TEXT_NUMBER];
    char tag[TEXT_NUMBER];
    text_address(rescue->address, address);
    text_tag(rescue->tag, tag);
    if (is_access(rescue))
        table_add(table, "vCPU %" PRIu32, rescue->vcpu);
    else
        table_add(table, "%s", rescue->call);
    table_add(table, "%" PRIu64 " ms", rescue->waited_ms);
    table_add(table, "%s", rescue->window != 0 || rescue->address_known ? address : "-");
    table_add(table, "%s", rescue->window != 0 ? tag : "-");
    table_add(table, "%s", rescue->system_call);
    table_add(table, "%s", rescue->error);
    table_add(table, "%" PRIu32, rescue->attempts);
}

/* Nothing where nobody waits. */
static bool print_rescues(const Guarantee *guarantee)
{
    static const struct table_column columns[] = {
        {"WAITS", false},   {"FOR", true},    {"ADDRESS", false}, {"TAG", false},
        {"REFUSED", false}, {"ERROR", false}, {"ATTEMPTS", true}};
    if (guarantee->rescues_all == 0)
        return true;
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return false;
    printf("\nCalls and vCPUs that wait for the host's memory now: %" PRIu32 ".\n",
           guarantee->rescues_all);
    for (size_t i = 0; i < guarantee->rescues_count; i++)
        add_rescue(table, guarantee->rescues[i]);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed;
}

static bool print(const Guarantee *guarantee)
{
    if (!conditions_print(guarantee))
        return false;
    printf("\n");
    if (!print_accounts(guarantee))
        return false;
    printf("Refusals of the host's kernel: %" PRIu64 "; calls that went through all the same: "
           "%" PRIu64 "; failed for good: %" PRIu64 ".\n",
           guarantee->refusals, guarantee->rescued, guarantee->host_failures);
    if (!print_rescues(guarantee))
        return false;
    if (guarantee->tags_count == 0)
        return true;
    printf("\n");
    return print_tags(guarantee);
}

enum exit_code run_guarantee(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply;
    enum exit_code code = vm_ask(options, arguments[0], holdfast_guarantee, &reply);
    if (code == EXIT_OK && options->json)
        code = print_json(options, arguments[0], reply->guarantee);
    else if (code == EXIT_OK && !print(reply->guarantee))
        code = report_no_memory(options);
    holdfast_free(reply);
    return code;
}
