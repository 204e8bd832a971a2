/* SPDX-License-Identifier: MIT
 * holdfastctl reload: objects. */
#include "vmm/ctl/reload.h"

#include <stdio.h>
#include <string.h>

static bool is_same(const struct object_spec *spec, const struct holdfast_object *object)
{
    const char *source = spec->path[0] != '\0' ? spec->path : "memfd";

    /* The VMM keeps as much of a path. */
    return strncmp(source, object->source, 255) == 0 && object->writable == !spec->read_only &&
           (spec->bytes == 0 || spec->bytes == object->bytes);
}

static const struct object_spec *find_object(const struct reload *reload, const char *name)
{
    for (uint32_t i = 0; i < reload->wanted.object_count; i++)
        if (strcmp(reload->wanted.objects[i].name, name) == 0)
            return &reload->wanted.objects[i];
    return NULL;
}

/* What is attached and not wanted, or not so. */
static enum exit_code plan_removal(struct reload *reload, const struct holdfast_object *object)
{
    const struct object_spec *spec = find_object(reload, object->name);

    if (spec != NULL && is_same(spec, object))
        return EXIT_OK;
    if (object->extents > 0) {
        error_set(&reload->error,
                  "object %.64s is mapped in a window, and the file %s; nothing was changed: unmap "
                  "it in the guest, or `holdfastctl detach --force` it first",
                  object->name, spec != NULL ? "has another one of that name" : "has it no more");
        return reload_fail(reload, EXIT_FAILED);
    }
    if (reload->removal_count < OBJECTS_MOST)
        snprintf(reload->removals[reload->removal_count++].name, HF_OBJECT_NAME_MAX, "%s",
                 object->name);
    return EXIT_OK;
}

static bool is_attached(const struct holdfast_objects_reply *list, const struct object_spec *spec)
{
    for (size_t i = 0; i < list->objects_count; i++)
        if (strcmp(list->objects[i]->name, spec->name) == 0)
            return is_same(spec, list->objects[i]);
    return false;
}

enum exit_code reload_plan_objects(struct reload *reload)
{
    const struct holdfast_reply *reply = holdfast_objects(reload->connection);
    enum exit_code code = vm_judge(reload->options, reply);

    for (size_t i = 0; code == EXIT_OK && i < reply->objects->objects_count; i++)
        code = plan_removal(reload, reply->objects->objects[i]);
    for (uint32_t i = 0; code == EXIT_OK && i < reload->wanted.object_count; i++)
        if (!is_attached(reply->objects, &reload->wanted.objects[i]))
            reload->additions[reload->addition_count++] =
                (struct addition){.spec = &reload->wanted.objects[i], .fd = -1};
    holdfast_free(reply);
    return code;
}

static void remove_new_files(struct reload *reload)
{
    for (uint32_t i = 0; i < reload->addition_count; i++)
        made_file_remove(&reload->additions[i].new_file, reload->additions[i].spec->path);
}

/* With the rights of this user. */
enum exit_code reload_open_files(struct reload *reload)
{
    for (uint32_t i = 0; i < reload->addition_count; i++) {
        struct addition *addition = &reload->additions[i];
        if (addition->spec->path[0] == '\0')
            continue;
        addition->fd = object_open_path(addition->spec, &addition->new_file, &reload->error);
        if (addition->fd >= 0)
            continue;
        remove_new_files(reload);
        return reload_fail(reload, EXIT_FAILED);
    }
    return EXIT_OK;
}

static enum exit_code detach(struct reload *reload, const char *name)
{
    const struct holdfast_reply *reply = holdfast_detach(reload->connection, name, false);
    const enum exit_code code = vm_judge(reload->options, reply);

    holdfast_free(reply);
    if (code == EXIT_OK)
        json_array_append_new(reload->detached, report_json_text(name));
    return code;
}

static enum exit_code attach(struct reload *reload, struct addition *addition)
{
    const struct object_spec *spec = addition->spec;
    const struct holdfast_reply *reply = holdfast_attach_file(
        reload->connection, spec->name, spec->path, spec->bytes, spec->read_only, addition->fd);
    const enum exit_code code = vm_judge(reload->options, reply);

    if (code == EXIT_OK)
        json_array_append_new(reload->attached, report_json_text(spec->name));
    if (!holdfast_is_refusal(reply->status))
        addition->new_file = (struct made_file){0}; /* it stays */
    holdfast_free(reply);
    return code;
}

enum exit_code reload_change_objects(struct reload *reload)
{
    enum exit_code code = EXIT_OK;

    for (uint32_t i = 0; i < reload->removal_count && code == EXIT_OK; i++)
        code = detach(reload, reload->removals[i].name);
    for (uint32_t i = 0; i < reload->addition_count && code == EXIT_OK; i++)
        code = attach(reload, &reload->additions[i]);
    if (code != EXIT_OK)
        remove_new_files(reload);
    return code;
}
