/* SPDX-License-Identifier: MIT
 * How holdfastctl tells what it has done and what went wrong. */
#include "vmm/ctl/report.h"
#include "vmm/cause.h"

#include "vmm/ctl/text.h"
#include "vmm/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *report_json_text(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return NULL;
    utf8_repair(copy);
    json_t *string = json_string(copy);
    free(copy);
    return string;
}

json_t *report_json_number(uint64_t number)
{
    return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

enum exit_code report_failure(const struct options *options, enum exit_code code,
                              const struct error *error)
{
    char text[sizeof error->text * 4];
    fflush(stdout);
    if (options->json) {
        json_t *object =
            json_pack("{s:o, s:i}", "error", report_json_text(error->text), "exit", (int)code);
        json_dumpf(object, stderr, JSON_COMPACT | JSON_ENSURE_ASCII);
        fputc('\n', stderr);
        json_decref(object);
    } else {
        text_clean(error->text, text, sizeof text);
        fprintf(stderr, "holdfastctl: %s\n", text);
    }
    return code;
}

enum exit_code report_usage(const struct options *options, const char *format, ...)
{
    struct error error;
    va_list args;

    va_start(args, format);
    vsnprintf(error.text, sizeof error.text, format, args);
    va_end(args);
    return report_failure(options, EXIT_USAGE, &error);
}

enum exit_code report_no_memory(const struct options *options)
{
    struct error error;
    error_set(&error, "%s", cause_text(ENOMEM));
    return report_failure(options, EXIT_FAILED, &error);
}

static enum exit_code print_json(const struct options *options, json_t *object, size_t flags)
{
    if (object == NULL)
        return report_no_memory(options);
    /* A program reads the same, and no name drives a terminal that shows it. main() looks at the
     * stream's errors. */
    json_dumpf(object, stdout, flags | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(object);
    return EXIT_OK;
}

enum exit_code report_json(const struct options *options, json_t *object)
{
    return print_json(options, object, JSON_INDENT(2));
}

enum exit_code report_json_line(const struct options *options, json_t *object)
{
    return print_json(options, object, JSON_COMPACT);
}
