/* SPDX-License-Identifier: MIT
 * holdfastctl list: each running VM in a line. One that does not answer is shown, too. */
#include "vmm/ctl/call.h"
#include "vmm/ctl/discover.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/words.h"

#include <inttypes.h>

#define LIST_WAIT_MS 1000u
#define LIST_ALL_MS  60000u /* then the rest are not asked any more */

static const struct table_column columns[] = {
    {"NAME", false},  {"STATE", false},  {"PID", true},     {"VCPUS", true},
    {"MEMORY", true}, {"WINDOWS", true}, {"OBJECTS", true}, {"UPTIME", true},
};
#define COLUMNS_COUNT (sizeof columns / sizeof columns[0])

static void add_vm(struct table *table, const char *name, const MESSAGE(InfoReply) * info)
{
    char memory[TEXT_NUMBER];
    char uptime[TEXT_NUMBER];
    text_bytes(info->memory_bytes, memory);
    text_duration(info->uptime_ms, uptime);
    table_add(table, "%s", name);
    table_add(table, "%s", words_state(info->state));
    table_add(table, "%u", info->pid);
    table_add(table, "%u", info->vcpus);
    table_add(table, "%s", memory);
    table_add(table, "%u", info->windows);
    table_add(table, "%u", info->objects);
    table_add(table, "%s", uptime);
}

static void add_silent(struct table *table, const char *name, const char *state)
{
    table_add(table, "%s", name);
    table_add(table, "%s", state);
    for (size_t i = 2; i < COLUMNS_COUNT; i++)
        table_add(table, "-");
}

static json_t *describe_vm(const struct peer *peer, const MESSAGE(InfoReply) * info)
{
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", report_json_text(peer->vm),
        "socket", report_json_text(peer->path), "state", words_state(info->state), "pid",
        report_json_number(info->pid), "vcpus", report_json_number(info->vcpus), "memory_bytes",
        report_json_number(info->memory_bytes), "windows", report_json_number(info->windows),
        "objects", report_json_number(info->objects), "uptime_ms",
        report_json_number(info->uptime_ms));
}

static json_t *describe_silent(const struct peer *peer, const char *state,
                               const struct error *error)
{
    return json_pack("{s:o, s:o, s:s, s:o}", "name", report_json_text(peer->vm), "socket",
                     report_json_text(peer->path), "state", state, "error",
                     report_json_text(error->text));
}

/* Asks one VM and enters it in the table or, if that is not NULL, in the list. One that ended
 * meanwhile is left out. */
static void ask_vm(const struct discovery *found, size_t number, uint64_t until,
                   struct table *table, json_t *list)
{
    const char *name = found->vms[number].name;
    struct peer peer;
    struct error error;
    const Response *response;
    MESSAGE(InfoRequest) info = MESSAGE_INIT(INFO_REQUEST);
    Request request = REQUEST_INIT;
    request.info = &info;
    request.call_case = CALL(INFO);

    enum exit_code code =
        peer_open_in(&peer, found->directories[found->vms[number].directory], name, &error);
    bool opened = code == EXIT_OK;
    if (opened) {
        peer.wait_ms = LIST_WAIT_MS;
        peer.until_ms = until;
        code = peer_call(&peer, &request, &response, &error);
    }
    const char *state = code == EXIT_PERMISSION ? "forbidden" : "no answer";
    if (code == EXIT_OK && list != NULL)
        json_array_append_new(list, describe_vm(&peer, response->info));
    else if (code == EXIT_OK)
        add_vm(table, name, response->info);
    else if (code != EXIT_NO_VM && !peer.ended && list != NULL)
        json_array_append_new(list, describe_silent(&peer, state, &error));
    else if (code != EXIT_NO_VM && !peer.ended)
        add_silent(table, name, state);
    if (opened)
        peer_close(&peer);
}

static enum exit_code list_json(const struct options *options, const struct discovery *found)
{
    json_t *list = json_array();
    if (list == NULL)
        return report_no_memory(options);
    const uint64_t until = peer_clock_ms() + LIST_ALL_MS;
    for (size_t i = 0; i < found->count; i++)
        ask_vm(found, i, until, NULL, list);
    return report_json(options, json_pack("{s:o}", "vms", list));
}

static enum exit_code list_table(const struct options *options, const struct discovery *found)
{
    struct table *table = table_new(columns, COLUMNS_COUNT);
    if (table == NULL)
        return report_no_memory(options);
    const uint64_t until = peer_clock_ms() + LIST_ALL_MS;
    for (size_t i = 0; i < found->count; i++)
        ask_vm(found, i, until, table, NULL);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed ? EXIT_OK : report_no_memory(options);
}

enum exit_code run_list(const struct options *options, char **arguments)
{
    struct discovery found;
    struct error error;
    (void)arguments;
    enum exit_code code = discover(&found, &error);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    if (options->json)
        code = list_json(options, &found);
    else if (found.count == 0)
        fprintf(stderr, "No VM is running (looked in %s).\n", found.directories[0]);
    else
        code = list_table(options, &found);
    discovery_free(&found);
    return code;
}
