/* SPDX-License-Identifier: MIT
 * holdfastctl objects. */
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"

#include <inttypes.h>

static const struct table_column columns[] = {
    {"NAME", false},   {"ID", true},    {"SIZE", true},    {"ACCESS", false},
    {"EXTENTS", true}, {"KIND", false}, {"SOURCE", false},
};

static void add(struct table *table, const struct holdfast_object *object)
{
    char size[TEXT_NUMBER];
    text_bytes(object->bytes, size);
    table_add(table, "%s", object->name);
    table_add(table, "%u", object->id);
    table_add(table, "%s", size);
    table_add(table, "%s", object->writable ? "rw" : "ro");
    table_add(table, "%" PRIu64, object->extents);
    table_add(table, "%s", object->kind);
    table_add(table, "%s", object->source);
}

static enum exit_code print(const struct options *options,
                            const struct holdfast_objects_reply *reply)
{
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return report_no_memory(options);
    for (size_t i = 0; i < reply->objects_count; i++)
        add(table, reply->objects[i]);
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed ? EXIT_OK : report_no_memory(options);
}

static json_t *describe(const struct holdfast_object *object)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "name", report_json_text(object->name),
                     "id", report_json_number(object->id), "bytes",
                     report_json_number(object->bytes), "writable", object->writable, "extents",
                     report_json_number(object->extents), "kind", report_json_text(object->kind),
                     "source", report_json_text(object->source));
}

static enum exit_code print_json(const struct options *options, const char *vm,
                                 const struct holdfast_objects_reply *reply)
{
    json_t *objects = json_array();
    for (size_t i = 0; i < reply->objects_count; i++)
        json_array_append_new(objects, describe(reply->objects[i]));
    return report_json(options,
                       json_pack("{s:o, s:o}", "vm", report_json_text(vm), "objects", objects));
}

enum exit_code run_objects(const struct options *options, char **arguments)
{
    const struct holdfast_reply *reply;
    enum exit_code code = vm_ask(options, arguments[0], holdfast_objects, &reply);
    if (code == EXIT_OK && options->json)
        code = print_json(options, arguments[0], reply->objects);
    else if (code == EXIT_OK && reply->objects->objects_count == 0)
        printf("No objects are attached.\n");
    else if (code == EXIT_OK)
        code = print(options, reply->objects);
    holdfast_free(reply);
    return code;
}
