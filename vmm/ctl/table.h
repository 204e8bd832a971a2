/* SPDX-License-Identifier: MIT
 * Aligned columns. */
#ifndef HOLDFAST_CTL_TABLE_H
#define HOLDFAST_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS 12u

struct table_column {
    const char *title; /* NULL in all columns: no line of titles */
    bool right;        /* numbers */
};

struct table;

/* NULL for want of memory. columns[count] must stay. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table);

/* Adds a cell to the current row, made harmless for terminals; after count cells comes the next
 * row. Want of memory shows in table_print(). */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* false if memory was short; then nothing is printed. */
bool table_print(const struct table *table, FILE *to);

#endif
