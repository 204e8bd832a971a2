/* SPDX-License-Identifier: MIT
 * Lines of the two text formats. In OpenMetrics a counter's family has no "_total" at the end, and
 * an info's no "_info"; the older format knows no families but those of histograms. */
#include "room.h"

#include "vmm/utf8.h"

#include <inttypes.h>
#include <string.h>

#define VALUE_MOST 128u /* bytes of a label's value */

static const char *suffix_of(enum family_type type)
{
    return type == FAMILY_COUNTER ? "_total" : type == FAMILY_INFO ? "_info" : "";
}

static const char *type_name(const struct writer *writer)
{
    switch (writer->family->type) {
    case FAMILY_COUNTER:
        return "counter";
    case FAMILY_HISTOGRAM:
        return "histogram";
    case FAMILY_INFO:
        return writer->format == METRICS_OPENMETRICS ? "info" : "gauge";
    case FAMILY_GAUGE:
        break;
    }
    return "gauge";
}

void sample_header(const struct writer *writer)
{
    const struct family *family = writer->family;
    const char *suffix = writer->format == METRICS_OPENMETRICS ? "" : suffix_of(family->type);

    fprintf(writer->stream, "# HELP holdfast_%s%s %s\n", family->name, suffix, family->help);
    fprintf(writer->stream, "# TYPE holdfast_%s%s %s\n", family->name, suffix, type_name(writer));
    if (writer->format == METRICS_OPENMETRICS && family->unit != NULL)
        fprintf(writer->stream, "# UNIT holdfast_%s %s\n", family->name, family->unit);
}

/* "12.034" of 12034 and FAMILY_MS. */
static void write_scaled(FILE *stream, uint64_t number, enum family_scale scale)
{
    uint64_t one = 1;

    for (unsigned i = 0; i < (unsigned)scale; i++)
        one *= 10;
    fprintf(stream, " %" PRIu64 ".%0*" PRIu64 "\n", number / one, (int)scale, number % one);
}

/* Without the zeros at its end, but for one behind a point. */
static void trim(char *text)
{
    char *end = text + strlen(text);

    while (end[-1] == '0' && end[-2] != '.')
        *--end = '\0';
}

/* The shortest text, as Go and Python write it: OpenMetrics wants that of a bound. Not by printf's
 * %g, which writes a comma where the locale has one. */
void sample_bound(uint64_t nanoseconds, char text[SAMPLE_NUMBER])
{
    char digits[12];

    if (nanoseconds >= 100000) {
        snprintf(text, SAMPLE_NUMBER, "%" PRIu64 ".%09" PRIu64, nanoseconds / 1000000000u,
                 nanoseconds % 1000000000u);
        trim(text);
        return;
    }
    const int length = snprintf(digits, sizeof digits, "%u", (unsigned)nanoseconds);
    for (int i = length - 1; i > 0 && digits[i] == '0'; i--)
        digits[i] = '\0';
    snprintf(text, SAMPLE_NUMBER, "%c%s%se-%02d", digits[0], digits[1] != '\0' ? "." : "",
             digits + 1, 10 - length);
}

/* Cut to its room and well-formed, then with the three escapes that both formats have. */
static void write_value(FILE *stream, const char *value)
{
    char text[VALUE_MOST + 1];

    snprintf(text, sizeof text, "%s", value);
    utf8_repair(text);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n')
            fputs("\\n", stream);
        else if (*at == '\\' || *at == '"')
            fprintf(stream, "\\%c", *at);
        else
            fputc(*at, stream);
    }
}

void sample_write(const struct writer *writer, const char *suffix, const struct label *labels,
                  size_t count, uint64_t value)
{
    const struct family *family = writer->family;
    char between = '{';

    fprintf(writer->stream, "holdfast_%s%s", family->name,
            suffix != NULL ? suffix : suffix_of(family->type));
    for (size_t i = 0; i < count; i++) {
        if (labels[i].name == NULL)
            continue;
        fprintf(writer->stream, "%c%s=\"", between, labels[i].name);
        write_value(writer->stream, labels[i].value);
        fputc('"', writer->stream);
        between = ',';
    }
    if (between == ',')
        fputc('}', writer->stream);
    if (family->scale == FAMILY_WHOLE || (suffix != NULL && strcmp(suffix, "_sum") != 0)) {
        fprintf(writer->stream, " %" PRIu64 "\n", value);
        return;
    }
    write_scaled(writer->stream, value, family->scale);
}

void sample_of(const struct writer *writer, const struct metrics_vm *vm, const char *label,
               const char *value, uint64_t number)
{
    const struct label labels[] = {{"vm", vm->name}, {label, value}};

    sample_write(writer, NULL, labels, 2, number);
}
