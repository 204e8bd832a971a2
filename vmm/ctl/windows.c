/* SPDX-License-Identifier: MIT
 * holdfastctl windows. */
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/window_json.h"

#include "holdfast/abi.h"

#include <inttypes.h>

static const struct table_column columns[] = {
    {"ADDRESS", false}, {"LENGTH", true}, {"TAG", false},   {"MAPPED", true}, {"EXTENTS", true},
    {"MAPPINGS", true}, {"MAPS", true},   {"UNMAPS", true}, {"FAULTS", true}, {"FLAGS", false},
};

static void add(struct table *table, const struct holdfast_window *window)
{
    char address[TEXT_NUMBER];
    char length[TEXT_NUMBER];
    char mapped[TEXT_NUMBER];
    char tag[TEXT_NUMBER];
    uint32_t other = window->flags & ~HF_RESERVE_DIVISIBLE;
    text_address(window->address, address);
    text_pages(window->pages, length);
    text_pages(window->mapped_pages, mapped);
    text_tag(window->tag, tag);
    table_add(table, "%s", address);
    table_add(table, "%s", length);
    table_add(table, "%s", tag);
    table_add(table, "%s", window->mapped_pages == 0 ? "-" : mapped);
    table_add(table, "%u/%u", window->extents, window->max_extents);
    table_add(table, "%u", window->mappings);
    table_add(table, "%" PRIu64, window->maps);
    table_add(table, "%" PRIu64, window->unmaps);
    table_add(table, "%" PRIu64, window->faults);
    if (other != 0)
        table_add(table, "0x%x", window->flags);
    else
        table_add(table, "%s", window->flags != 0 ? "divisible" : "-");
}

static enum exit_code print(const struct options *options,
                            const struct holdfast_windows_reply *list)
{
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return report_no_memory(options);
    for (size_t i = 0; i < list->windows_count; i++)
        add(table, list->windows[i]);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed ? EXIT_OK : report_no_memory(options);
}

static enum exit_code print_json(const struct options *options, const char *vm,
                                 const struct holdfast_windows_reply *list)
{
    json_t *windows = json_array();
    for (size_t i = 0; i < list->windows_count; i++)
        json_array_append_new(windows, window_json(list->windows[i]));
    return report_json(options,
                       json_pack("{s:o, s:o}", "vm", report_json_text(vm), "windows", windows));
}

enum exit_code run_windows(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply;
    enum exit_code code = vm_ask(options, arguments[0], holdfast_all_windows, &reply);
    if (code == EXIT_OK && options->json)
        code = print_json(options, arguments[0], reply->windows);
    else if (code == EXIT_OK && reply->windows->windows_count == 0)
        printf("No windows are reserved.\n");
    else if (code == EXIT_OK)
        code = print(options, reply->windows);
    holdfast_free(reply);
    return code;
}
