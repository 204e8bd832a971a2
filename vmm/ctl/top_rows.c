/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/top_rows.h"

#include "vmm/ctl/clock.h"
#include "vmm/ctl/interrupt.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/words.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 1000u

const char *const top_columns[TOP_COLUMNS] = {"name",  "state", "windows", "mapped",
                                              "calls", "maps",  "faults",  "refused"};

static void free_row(struct top_row *row)
{
    holdfast_close(row->connection);
    holdfast_free(row->reply);
    holdfast_free(row->previous);
    free(row->name);
    free(row->path);
}

void top_rows_free(struct top_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free_row(&rows->rows[i]);
    free(rows->rows);
    *rows = (struct top_rows){0};
}

/* ---- which VMs there are ---- */

static struct top_row *find_row(struct top_rows *rows, const char *path)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->rows[i].path, path) == 0)
            return &rows->rows[i];
    return NULL;
}

/* Want of memory leaves the VM out. */
static void add_row(struct top_rows *rows, const struct holdfast_vm *vm)
{
    struct top_row *more = reallocarray(rows->rows, rows->count + 1, sizeof *more);
    if (more == NULL)
        return;
    rows->rows = more;
    struct top_row row = {.name = strdup(vm->name), .path = strdup(vm->path), .is_found = true};
    if (row.name != NULL && row.path != NULL)
        more[rows->count++] = row;
    else
        free_row(&row);
}

static void find_vms(struct top_rows *rows, const struct holdfast_vms_reply *found)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++)
        rows->rows[i].is_found = false;
    for (size_t i = 0; i < found->vms_count; i++) {
        struct top_row *row = find_row(rows, found->vms[i]->path);
        if (row != NULL)
            row->is_found = true;
        else
            add_row(rows, found->vms[i]);
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].is_found)
            rows->rows[kept++] = rows->rows[i];
        else
            free_row(&rows->rows[i]);
    }
    rows->count = kept;
}

/* ---- asking them ---- */

static void ask(struct top_row *row)
{
    if (row->connection == NULL || holdfast_status(row->connection) != HOLDFAST_OK) {
        holdfast_close(row->connection);
        row->connection = holdfast_connect_to(row->path, row->name);
        holdfast_set_time_limit(row->connection, ANSWER_MS);
    }
    row->request = holdfast_send_stats(row->connection);
}

static void take_answer(struct top_row *row)
{
    const uint64_t now = clock_ms();
    interrupt_ends(row->connection);
    const struct holdfast_reply *reply = holdfast_wait(row->connection, row->request);
    interrupt_ends(NULL);
    const bool has_stats = top_row_stats(row) != NULL;
    holdfast_free(row->previous);
    if (!has_stats)
        holdfast_free(row->reply);
    row->previous = has_stats ? row->reply : NULL;
    row->milliseconds = now - row->asked_ms;
    row->asked_ms = now;
    row->reply = reply;
}

const struct holdfast_reply *top_rows_take(struct top_rows *rows)
{
    const struct holdfast_reply *found = holdfast_find();
    if (found->status != HOLDFAST_OK)
        return found;
    find_vms(rows, found->vms);
    holdfast_free(found);
    for (size_t i = 0; i < rows->count; i++)
        ask(&rows->rows[i]);
    for (size_t i = 0; i < rows->count; i++)
        take_answer(&rows->rows[i]);
    return NULL;
}

/* ---- what they have answered ---- */

const struct holdfast_stats_reply *top_row_stats(const struct top_row *row)
{
    return row->reply != NULL ? row->reply->stats : NULL;
}

const char *top_row_state(const struct top_row *row)
{
    const struct holdfast_stats_reply *stats = top_row_stats(row);
    if (stats != NULL)
        return words_state(stats->state);
    return row->reply != NULL && vm_exit(row->reply->status) == EXIT_PERMISSION ? "forbidden"
                                                                                : "no answer";
}

static uint64_t counter(const struct holdfast_stats_reply *stats, enum top_column column)
{
    switch (column) {
    case TOP_CALLS:
        return stats->calls;
    case TOP_MAPS:
        return stats->maps;
    case TOP_FAULTS:
        return stats->faults;
    case TOP_REFUSED:
        return stats->refused;
    default:
        return 0;
    }
}

/* Counters start again with a reset. */
static double rate(const struct top_row *row, enum top_column column)
{
    if (row->previous == NULL || top_row_stats(row) == NULL || row->milliseconds == 0)
        return 0;
    const uint64_t before = counter(row->previous->stats, column);
    const uint64_t now = counter(row->reply->stats, column);
    return now < before ? 0 : (double)(now - before) * 1000 / (double)row->milliseconds;
}

double top_row_number(const struct top_row *row, enum top_column column)
{
    const struct holdfast_stats_reply *stats = top_row_stats(row);
    if (stats == NULL)
        return 0;
    switch (column) {
    case TOP_WINDOWS:
        return stats->windows;
    case TOP_MAPPED:
        return (double)stats->mapped_pages;
    case TOP_CALLS:
    case TOP_MAPS:
        return rate(row, column);
    case TOP_FAULTS:
    case TOP_REFUSED:
        return (double)counter(stats, column);
    default:
        return 0;
    }
}

static int compare(const void *one, const void *other, void *column)
{
    const struct top_row *left = one, *right = other;
    const enum top_column by = *(const enum top_column *)column;
    const double difference = top_row_number(left, by) - top_row_number(right, by);
    const int states = by == TOP_STATE ? strcmp(top_row_state(left), top_row_state(right)) : 0;
    if (difference != 0)
        return difference > 0 ? -1 : 1;
    if (states != 0)
        return states;
    const int names = strcmp(left->name, right->name);
    return names != 0 ? names : strcmp(left->path, right->path);
}

void top_rows_sort(struct top_rows *rows, enum top_column column)
{
    if (rows->count > 0)
        qsort_r(rows->rows, rows->count, sizeof rows->rows[0], compare, &column);
}
