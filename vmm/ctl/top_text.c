/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/top_text.h"

#include "vmm/ctl/report.h"
#include "vmm/ctl/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LINE_FORMAT "%-20s %-10s %9s %10s %9s %9s %9s %9s"

void top_titles(enum top_column sorted, char to[TOP_LINE])
{
    char titles[TOP_COLUMNS][16];
    for (int i = 0; i < TOP_COLUMNS; i++) {
        snprintf(titles[i], sizeof titles[i], "%s%s%s", i == (int)sorted ? "*" : "", top_columns[i],
                 i == TOP_CALLS || i == TOP_MAPS ? "/s" : "");
        for (char *letter = titles[i]; *letter != '\0'; letter++)
            *letter = (char)toupper((unsigned char)*letter);
    }
    snprintf(to, TOP_LINE, LINE_FORMAT, titles[0], titles[1], titles[2], titles[3], titles[4],
             titles[5], titles[6], titles[7]);
}

static void write_cell(const struct top_row *row, enum top_column column, char to[TEXT_NUMBER])
{
    const double number = top_row_number(row, column);
    if (top_row_stats(row) == NULL)
        strcpy(to, "-");
    else if (column == TOP_MAPPED)
        text_pages((uint64_t)number, to);
    else if (column == TOP_CALLS || column == TOP_MAPS)
        text_rate(number, to);
    else
        snprintf(to, TEXT_NUMBER, "%.0f", number);
}

void top_line(const struct top_row *row, char to[TOP_LINE])
{
    char name[128];
    char cells[TOP_COLUMNS][TEXT_NUMBER];
    text_clean(row->name, name, sizeof name);
    for (int i = TOP_WINDOWS; i < TOP_COLUMNS; i++)
        write_cell(row, (enum top_column)i, cells[i]);
    snprintf(to, TOP_LINE, LINE_FORMAT, name, top_row_state(row), cells[TOP_WINDOWS],
             cells[TOP_MAPPED], cells[TOP_CALLS], cells[TOP_MAPS], cells[TOP_FAULTS],
             cells[TOP_REFUSED]);
}

static json_t *row_json(const struct top_row *row)
{
    const struct holdfast_stats_reply *stats = top_row_stats(row);
    json_t *object = json_pack("{s:o, s:o, s:s}", "name", report_json_text(row->name), "socket",
                               report_json_text(row->path), "state", top_row_state(row));
    if (stats == NULL) {
        json_object_set_new(object, "error", report_json_text(row->reply->text));
        return object;
    }
    json_object_set_new(object, "uptime_ms", report_json_number(stats->uptime_ms));
    json_object_set_new(object, "windows", report_json_number(stats->windows));
    json_object_set_new(object, "mapped_pages", report_json_number(stats->mapped_pages));
    json_object_set_new(object, "calls_per_second", json_real(top_row_number(row, TOP_CALLS)));
    json_object_set_new(object, "maps_per_second", json_real(top_row_number(row, TOP_MAPS)));
    json_object_set_new(object, "faults", report_json_number(stats->faults));
    json_object_set_new(object, "refused", report_json_number(stats->refused));
    json_object_set_new(object, "host_failures", report_json_number(stats->host_failures));
    return object;
}

json_t *top_json(const struct top_rows *rows)
{
    json_t *vms = json_array();
    for (size_t i = 0; i < rows->count; i++)
        json_array_append_new(vms, row_json(&rows->rows[i]));
    return json_pack("{s:o}", "vms", vms);
}
