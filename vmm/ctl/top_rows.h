/* SPDX-License-Identifier: MIT
 * What top shows: each VM of this user at one time, and what happened since the time before. */
#ifndef HOLDFAST_CTL_TOP_ROWS_H
#define HOLDFAST_CTL_TOP_ROWS_H

#include "holdfast/client.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct top_row {
    char *name;
    char *path;
    struct holdfast *connection;
    const struct holdfast_reply *reply;    /* the last one; its status tells whether it answers */
    const struct holdfast_reply *previous; /* NULL: none */
    uint64_t request;
    uint64_t asked_ms;
    uint64_t milliseconds; /* from previous to reply */
    bool is_found;
};

struct top_rows {
    struct top_row *rows;
    size_t count;
};

enum top_column {
    TOP_NAME,
    TOP_STATE,
    TOP_WINDOWS,
    TOP_MAPPED,
    TOP_CALLS,
    TOP_MAPS,
    TOP_FAULTS,
    TOP_REFUSED,
    TOP_COLUMNS
};

/* "name", "state" ... */
extern const char *const top_columns[TOP_COLUMNS];

/* Looks for VMs, asks all of them at once, and waits a second at most. HOLDFAST_OK, or why VMs
 * cannot be looked for, with the reply that says so, which is to be freed. */
const struct holdfast_reply *top_rows_take(struct top_rows *rows);
void top_rows_free(struct top_rows *rows);

/* By that column, the largest number first; by name where that is the same. */
void top_rows_sort(struct top_rows *rows, enum top_column column);

/* The stats of a VM that has answered; else NULL. */
const struct holdfast_stats_reply *top_row_stats(const struct top_row *row);

/* "running" and so on, "no answer" or "forbidden" */
const char *top_row_state(const struct top_row *row);

/* The number in a column, of events a second where it counts those. */
double top_row_number(const struct top_row *row, enum top_column column);

#endif
