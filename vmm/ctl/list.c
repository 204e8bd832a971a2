/* SPDX-License-Identifier: MIT
 * holdfastctl list: each running VM in a line. One that does not answer is shown, too. */
#include "vmm/ctl/clock.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/words.h"

#include <inttypes.h>

#define LIST_WAIT_MS 1000u
#define LIST_ALL_MS  60000u /* then the rest are not asked any more */

static const struct table_column columns[] = {
    {"NAME", false},  {"STATE", false},  {"PID", true},     {"VCPUS", true},
    {"MEMORY", true}, {"WINDOWS", true}, {"OBJECTS", true}, {"UPTIME", true},
};
#define COLUMNS_COUNT (sizeof columns / sizeof columns[0])

static void add_vm(struct table *table, const char *name, const struct holdfast_info_reply *info)
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

static json_t *describe_vm(const struct holdfast_vm *vm, const struct holdfast_info_reply *info)
{
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", report_json_text(vm->name),
        "socket", report_json_text(vm->path), "state", words_state(info->state), "pid",
        report_json_number(info->pid), "vcpus", report_json_number(info->vcpus), "memory_bytes",
        report_json_number(info->memory_bytes), "windows", report_json_number(info->windows),
        "objects", report_json_number(info->objects), "uptime_ms",
        report_json_number(info->uptime_ms));
}

static json_t *describe_silent(const struct holdfast_vm *vm, const char *state, const char *why)
{
    return json_pack("{s:o, s:o, s:s, s:o}", "name", report_json_text(vm->name), "socket",
                     report_json_text(vm->path), "state", state, "error", report_json_text(why));
}

/* Asks one VM, for no longer than until. Never NULL. */
static const struct holdfast_reply *ask(const struct holdfast_vm *vm, uint64_t until)
{
    const uint64_t now = clock_ms();
    const uint64_t left = now < until ? until - now : 1;
    struct holdfast *connection = holdfast_connect_to(vm->path, vm->name);
    holdfast_set_time_limit(connection, left < LIST_WAIT_MS ? (uint32_t)left : LIST_WAIT_MS);
    const struct holdfast_reply *reply = holdfast_info(connection);
    holdfast_close(connection);
    return reply;
}

/* Asks one VM and enters it in the table or, if that is not NULL, in the list. One that ended
 * meanwhile is left out. */
static void add_answer(const struct holdfast_vm *vm, uint64_t until, struct table *table,
                       json_t *list)
{
    const struct holdfast_reply *reply = ask(vm, until);
    const bool is_gone = reply->status == HOLDFAST_NO_VM || reply->status == HOLDFAST_DISCONNECTED;
    const char *state = vm_exit(reply->status) == EXIT_PERMISSION ? "forbidden" : "no answer";
    if (reply->status == HOLDFAST_OK && list != NULL)
        json_array_append_new(list, describe_vm(vm, reply->info));
    else if (reply->status == HOLDFAST_OK)
        add_vm(table, vm->name, reply->info);
    else if (!is_gone && list != NULL)
        json_array_append_new(list, describe_silent(vm, state, reply->text));
    else if (!is_gone)
        add_silent(table, vm->name, state);
    holdfast_free(reply);
}

static enum exit_code list_json(const struct options *options,
                                const struct holdfast_vms_reply *found)
{
    json_t *list = json_array();
    if (list == NULL)
        return report_no_memory(options);
    const uint64_t until = clock_ms() + LIST_ALL_MS;
    for (size_t i = 0; i < found->vms_count; i++)
        add_answer(found->vms[i], until, NULL, list);
    return report_json(options, json_pack("{s:o}", "vms", list));
}

static enum exit_code list_table(const struct options *options,
                                 const struct holdfast_vms_reply *found)
{
    struct table *table = table_new(columns, COLUMNS_COUNT);
    if (table == NULL)
        return report_no_memory(options);
    const uint64_t until = clock_ms() + LIST_ALL_MS;
    for (size_t i = 0; i < found->vms_count; i++)
        add_answer(found->vms[i], until, table, NULL);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed ? EXIT_OK : report_no_memory(options);
}

enum exit_code run_list(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply = holdfast_find();
    (void)arguments;
    enum exit_code code = vm_judge(options, reply);
    if (code == EXIT_OK && options->json)
        code = list_json(options, reply->vms);
    else if (code == EXIT_OK && reply->vms->vms_count == 0)
        fprintf(stderr, "No VM is running (looked in %s).\n", reply->vms->directories[0]);
    else if (code == EXIT_OK)
        code = list_table(options, reply->vms);
    holdfast_free(reply);
    return code;
}
