/* SPDX-License-Identifier: MIT
 * holdfastctl info. */
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/words.h"

static json_t *protections_json(const struct holdfast_info_reply *info)
{
    json_t *list = json_array();
    for (size_t i = 0; i < info->protections_count; i++) {
        const struct holdfast_protection *protection = info->protections[i];
        json_t *object = json_pack("{s:o, s:b}", "name", report_json_text(protection->name), "on",
                                   protection->on);
        if (!protection->on)
            json_object_set_new(object, "why_not", report_json_text(protection->why_not));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *describe(const char *path, const struct holdfast_reply *response)
{
    const struct holdfast_info_reply *info = response->info;
    json_t *arena = json_pack("{s:o, s:o}", "base", report_json_number(info->arena_base), "pages",
                              report_json_number(info->arena_pages));
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:o, s:o}",
        "name", report_json_text(info->name), "socket", report_json_text(path), "state",
        words_state(info->state), "pid", report_json_number(info->pid), "uptime_ms",
        report_json_number(info->uptime_ms), "version", report_json_text(info->version),
        "protocol_minor", report_json_number(response->protocol_minor), "abi_version",
        report_json_number(info->abi_version), "vcpus", report_json_number(info->vcpus),
        "memory_bytes", report_json_number(info->memory_bytes), "kernel",
        report_json_text(info->kernel), "append", report_json_text(info->append), "console",
        report_json_text(info->console), "features", words_features_json(info->features), "arena",
        arena, "windows", report_json_number(info->windows), "objects",
        report_json_number(info->objects), "resets", report_json_number(info->resets), "sandbox",
        report_json_text(info->sandbox), "protections", protections_json(info));
}

static void add_machine(struct table *table, const struct holdfast_info_reply *info)
{
    char memory[TEXT_NUMBER];
    text_bytes(info->memory_bytes, memory);
    table_add(table, "vCPUs");
    table_add(table, "%u", info->vcpus);
    table_add(table, "Memory");
    table_add(table, "%s", memory);
    table_add(table, "Kernel");
    table_add(table, "%s", info->kernel);
    table_add(table, "Command line");
    table_add(table, "%s", info->append);
    table_add(table, "Console");
    table_add(table, "%s", info->console);
    table_add(table, "Sandbox");
    table_add(table, "%s", info->sandbox);
    table_add(table, "Resets");
    table_add(table, "%llu", (unsigned long long)info->resets);
}

static void add_protections(struct table *table, const struct holdfast_info_reply *info)
{
    for (size_t i = 0; i < info->protections_count; i++) {
        const struct holdfast_protection *protection = info->protections[i];
        table_add(table, "%s", i == 0 ? "Protections" : "");
        if (protection->on)
            table_add(table, "%s", protection->name);
        else
            table_add(table, "not: %s: %s", protection->name, protection->why_not);
    }
}

static void add_arena(struct table *table, const struct holdfast_info_reply *info)
{
    char size[TEXT_NUMBER];
    char base[TEXT_NUMBER];
    char features[256];
    text_pages(info->arena_pages, size);
    text_address(info->arena_base, base);
    words_features(info->features, features, sizeof features);
    table_add(table, "Arena");
    table_add(table, "%s at %s", size, base);
    table_add(table, "Features");
    table_add(table, "%s", features);
    table_add(table, "Windows");
    table_add(table, "%u", info->windows);
    table_add(table, "Objects");
    table_add(table, "%u", info->objects);
}

static bool print(const char *path, const struct holdfast_reply *response)
{
    static const struct table_column columns[] = {{NULL, false}, {NULL, false}};
    const struct holdfast_info_reply *info = response->info;
    char uptime[TEXT_NUMBER];
    struct table *table = table_new(columns, 2);
    if (table == NULL)
        return false;
    text_duration(info->uptime_ms, uptime);
    table_add(table, "Name");
    table_add(table, "%s", info->name);
    table_add(table, "State");
    table_add(table, "%s", words_state(info->state));
    table_add(table, "PID");
    table_add(table, "%u", info->pid);
    table_add(table, "Uptime");
    table_add(table, "%s", uptime);
    table_add(table, "Socket");
    table_add(table, "%s", path);
    table_add(table, "Version");
    table_add(table, "holdfast-vmm %s, protocol 1.%u, hypercall ABI %u", info->version,
              response->protocol_minor, info->abi_version);
    add_machine(table, info);
    add_arena(table, info);
    add_protections(table, info);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed;
}

enum exit_code run_info(const struct options *options, char **arguments)
{
    struct holdfast *connection = holdfast_connect(arguments[0]);
    const struct holdfast_reply *reply = holdfast_info(connection);
    enum exit_code code = vm_judge(options, reply);
    if (code == EXIT_OK && options->json)
        code = report_json(options, describe(holdfast_path(connection), reply));
    else if (code == EXIT_OK && !print(holdfast_path(connection), reply))
        code = report_no_memory(options);
    holdfast_free(reply);
    holdfast_close(connection);
    return code;
}
