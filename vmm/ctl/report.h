/* SPDX-License-Identifier: MIT
 * How holdfastctl tells what it has done and what went wrong. */
#ifndef HOLDFAST_CTL_REPORT_H
#define HOLDFAST_CTL_REPORT_H

#include "vmm/ctl/command.h"
#include "vmm/error.h"

#include <jansson.h>

/* Tells why on standard error and returns the code. */
enum exit_code report_failure(const struct options *options, enum exit_code code,
                              const struct error *error);

enum exit_code report_no_memory(const struct options *options);

/* The same for a mistake on the command line. */
enum exit_code report_usage(const struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints the object and gives it back; a NULL, which is want of memory, is reported. */
enum exit_code report_json(const struct options *options, json_t *object);

/* The same on one line, for streams of objects. */
enum exit_code report_json_line(const struct options *options, json_t *object);

/* A JSON string of text that need not be UTF-8. */
json_t *report_json_text(const char *text);

/* A JSON number; JSON has none above INT64_MAX, and none of ours gets there. */
json_t *report_json_number(uint64_t number);

#endif
