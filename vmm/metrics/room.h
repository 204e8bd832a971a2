/* SPDX-License-Identifier: MIT
 * What the files of this room share. */
#ifndef HOLDFAST_METRICS_ROOM_H
#define HOLDFAST_METRICS_ROOM_H

#include "vmm/metrics/metrics.h"

/* ---- check.c ---- */

/* Whether an answer can be told: all parts are there, and no two samples would have the same
 * labels. A VMM that lies spoils only its own. */
bool metrics_check(const struct holdfast_metrics_reply *reply);

/* ---- sample.c ---- */

enum family_type { FAMILY_GAUGE, FAMILY_COUNTER, FAMILY_HISTOGRAM, FAMILY_INFO };

/* Which unit the numbers of a family are kept in, if the text has another: decimals. */
enum family_scale { FAMILY_WHOLE = 0, FAMILY_MS = 3, FAMILY_US = 6, FAMILY_NS = 9 };

struct writer;

/* One metric: its name has its unit at the end, and neither "holdfast_" nor what its type adds. */
struct family {
    const char *name;
    const char *unit; /* NULL: it has none */
    enum family_type type;
    enum family_scale scale;
    const char *help;
    /* One of them: the number of a VM, or all its samples. */
    uint64_t (*value)(const struct holdfast_metrics_reply *reply);
    void (*write)(struct writer *writer, const struct metrics_vm *vm);
    bool is_of_all; /* also of a VM that has not told anything */
};

struct writer {
    FILE *stream;
    enum metrics_format format;
    const struct family *family;
};

struct label {
    const char *name;
    const char *value; /* any bytes */
};

/* What stands before the samples of a family. */
void sample_header(const struct writer *writer);

/* A sample of the writer's family. suffix: what the type adds to the name, or NULL: what it always
 * adds. Labels with a NULL name are left out. */
void sample_write(const struct writer *writer, const char *suffix, const struct label *labels,
                  size_t count, uint64_t value);

/* The same with the labels "vm" and another one. */
void sample_of(const struct writer *writer, const struct metrics_vm *vm, const char *label,
               const char *value, uint64_t number);

/* Nanoseconds as the bound of a bucket, in seconds: "0.005", "1e-06", "10.0". */
#define SAMPLE_NUMBER 40u
void sample_bound(uint64_t nanoseconds, char text[SAMPLE_NUMBER]);

/* ---- tags.c ---- */

/* Notes tags that are to have samples of their own, as long as there is room. */
void tags_note(struct metrics_tags *tags, const struct holdfast_guarantee_reply *reply);

/* Whether this one has. */
bool tags_has(const struct metrics_tags *tags, const struct holdfast_tag *tag);

/* ---- families_vm.c, families_arena.c ---- */

extern const struct family families_vm[];
extern const size_t families_vm_count;
extern const struct family families_arena[];
extern const size_t families_arena_count;

#endif
