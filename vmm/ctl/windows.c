/* SPDX-License-Identifier: MIT
 * holdfastctl windows. */
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/window_list.h"

#include "holdfast/abi.h"

#include <inttypes.h>

static const struct table_column columns[] = {
    {"ADDRESS", false}, {"LENGTH", true}, {"TAG", false},   {"MAPPED", true}, {"EXTENTS", true},
    {"MAPPINGS", true}, {"MAPS", true},   {"UNMAPS", true}, {"FAULTS", true}, {"FLAGS", false},
};

static void add(struct table *table, const MESSAGE(Window) * window)
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

static enum exit_code print(const struct options *options, const struct window_list *list)
{
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return report_no_memory(options);
    for (size_t i = 0; i < list->count; i++)
        add(table, &list->windows[i]);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed ? EXIT_OK : report_no_memory(options);
}

static enum exit_code print_json(const struct options *options, const char *vm,
                                 const struct window_list *list)
{
    json_t *windows = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(windows, window_json(&list->windows[i]));
    return report_json(options,
                       json_pack("{s:o, s:o}", "vm", report_json_text(vm), "windows", windows));
}

enum exit_code run_windows(const struct options *options, char **arguments)
{
    struct peer peer;
    struct error error;
    struct window_list list;
    enum exit_code code = peer_open(&peer, arguments[0], &error);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    code = window_list_get(&peer, &list, &error);
    peer_close(&peer);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    if (options->json)
        code = print_json(options, arguments[0], &list);
    else if (list.count == 0)
        printf("No windows are reserved.\n");
    else
        code = print(options, &list);
    window_list_free(&list);
    return code;
}
