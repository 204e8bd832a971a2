/* SPDX-License-Identifier: MIT
 * holdfastctl reload: has a VM follow its configuration file, as far as one that runs can. All that
 * can be refused is looked at, and every file opened, before the first change. */
#include "vmm/cause.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"
#include "vmm/options/wanted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAGS_MOST    2048u
#define OBJECTS_MOST 1024u

/* An object that is to be attached. */
struct addition {
    const struct object_spec *spec;
    int fd; /* -1: a memfd, or handed over */
    struct made_file new_file;
};

struct removal {
    char name[HF_OBJECT_NAME_MAX];
};

struct change_of_quota {
    uint32_t tag;
    struct tag_amounts most; /* all 0: none any more */
};

struct reload {
    const struct options *options;
    struct holdfast *connection;
    struct wanted wanted;
    struct addition *additions; /* [wanted.object_count] */
    uint32_t addition_count;
    struct removal *removals; /* [OBJECTS_MOST] */
    uint32_t removal_count;
    struct change_of_quota *quotas; /* [TAGS_MOST] */
    uint32_t quota_count;
    json_t *attached, *detached, *limited, *restart; /* what has come of it */
    struct error error;
};

/* Each step below reports what has failed in it. */

static enum exit_code fail(const struct reload *reload, enum exit_code code)
{
    return report_failure(reload->options, code, &reload->error);
}

static enum exit_code make_room(struct reload *reload)
{
    reload->additions = calloc(reload->wanted.object_count + 1, sizeof reload->additions[0]);
    reload->removals = calloc(OBJECTS_MOST, sizeof reload->removals[0]);
    reload->quotas = calloc(TAGS_MOST, sizeof reload->quotas[0]);
    reload->attached = json_array();
    reload->detached = json_array();
    reload->limited = json_array();
    reload->restart = json_array();
    if (reload->additions != NULL && reload->removals != NULL && reload->quotas != NULL &&
        reload->attached != NULL && reload->detached != NULL && reload->limited != NULL &&
        reload->restart != NULL)
        return EXIT_OK;
    error_set(&reload->error, "%s", cause_text(ENOMEM));
    return fail(reload, EXIT_FAILED);
}

static void free_room(struct reload *reload)
{
    for (uint32_t i = 0; reload->additions != NULL && i < reload->addition_count; i++)
        if (reload->additions[i].fd >= 0)
            close(reload->additions[i].fd);
    free(reload->additions);
    free(reload->removals);
    free(reload->quotas);
    json_decref(reload->attached);
    json_decref(reload->detached);
    json_decref(reload->limited);
    json_decref(reload->restart);
    wanted_free(&reload->wanted);
}

/* ---- what needs a restart ---- */

/* Which VM it is stands in the name that was given, or in the socket's path. */
static bool is_compared(const char *word)
{
    return strcmp(word, "name") != 0 && strcmp(word, "control") != 0;
}

static void compare_setting(struct reload *reload, const struct holdfast_setting *running)
{
    const struct settings *settings = &reload->wanted.settings;
    char value[1024];

    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->setting[i];
        if (strcmp(setting->word, running->word) != 0 || !is_compared(setting->word) ||
            (strlen(setting->value) == running->value_length &&
             memcmp(setting->value, running->value, running->value_length) == 0))
            continue;
        snprintf(value, sizeof value, "%.*s",
                 running->value_length < sizeof value ? (int)running->value_length : 1000,
                 running->value_length > 0 ? (const char *)running->value : "");
        json_array_append_new(reload->restart,
                              json_pack("{s:o, s:o, s:o}", "word", report_json_text(setting->word),
                                        "running", report_json_text(value), "file",
                                        report_json_text(setting->value)));
    }
}

static enum exit_code compare_settings(struct reload *reload)
{
    const struct holdfast_reply *reply = holdfast_settings(reload->connection);
    const enum exit_code code = vm_judge(reload->options, reply);

    for (size_t i = 0; code == EXIT_OK && i < reply->settings->settings_count; i++)
        compare_setting(reload, reply->settings->settings[i]);
    holdfast_free(reply);
    return code;
}

/* ---- objects ---- */

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
        return fail(reload, EXIT_FAILED);
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

static enum exit_code plan_objects(struct reload *reload)
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
static enum exit_code open_files(struct reload *reload)
{
    for (uint32_t i = 0; i < reload->addition_count; i++) {
        struct addition *addition = &reload->additions[i];
        if (addition->spec->path[0] == '\0')
            continue;
        addition->fd = object_open_path(addition->spec, &addition->new_file, &reload->error);
        if (addition->fd >= 0)
            continue;
        remove_new_files(reload);
        return fail(reload, EXIT_FAILED);
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

static enum exit_code change_objects(struct reload *reload)
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

/* ---- quotas ---- */

static bool is_quota(const struct tag_amounts *most, const struct holdfast_amounts *now)
{
    return now != NULL && most->windows == now->windows && most->pages == now->pages &&
           most->extents == now->extents;
}

static bool is_limited(const struct holdfast_tag *tag)
{
    const struct tag_amounts none = {0};

    return tag->quota != NULL && !is_quota(&none, tag->quota);
}

static const struct holdfast_tag *find_tag(const struct holdfast_guarantee_reply *reply,
                                           uint32_t tag)
{
    for (size_t i = 0; i < reply->tags_count; i++)
        if (reply->tags[i]->tag == tag)
            return reply->tags[i];
    return NULL;
}

static bool is_wanted_tag(const struct reload *reload, uint32_t tag)
{
    for (uint32_t i = 0; i < reload->wanted.quota_count; i++)
        if (reload->wanted.quotas[i].tag == tag)
            return true;
    return false;
}

static void plan_quota(struct reload *reload, uint32_t tag, struct tag_amounts most)
{
    if (reload->quota_count < TAGS_MOST)
        reload->quotas[reload->quota_count++] = (struct change_of_quota){tag, most};
}

static void compare_quotas(struct reload *reload, const struct holdfast_guarantee_reply *reply)
{
    for (size_t i = 0; i < reply->tags_count; i++)
        if (is_limited(reply->tags[i]) && !is_wanted_tag(reload, reply->tags[i]->tag))
            plan_quota(reload, reply->tags[i]->tag, (struct tag_amounts){0});
    for (uint32_t i = 0; i < reload->wanted.quota_count; i++) {
        const struct tag_quota *quota = &reload->wanted.quotas[i];
        const struct holdfast_tag *now = find_tag(reply, quota->tag);
        if (now == NULL || !is_quota(&quota->most, now->quota))
            plan_quota(reload, quota->tag, quota->most);
    }
}

static enum exit_code plan_quotas(struct reload *reload)
{
    const struct holdfast_reply *reply = holdfast_guarantee(reload->connection);
    const enum exit_code code = vm_judge(reload->options, reply);

    if (code == EXIT_OK)
        compare_quotas(reload, reply->guarantee);
    holdfast_free(reply);
    return code;
}

static enum exit_code change_quota(struct reload *reload, const struct change_of_quota *quota)
{
    const struct holdfast_reply *reply =
        holdfast_set_quota(reload->connection, quota->tag, quota->most.windows, quota->most.pages,
                           quota->most.extents);
    const enum exit_code code = vm_judge(reload->options, reply);
    char text[TEXT_NUMBER];

    holdfast_free(reply);
    text_tag(quota->tag, text);
    if (code == EXIT_OK)
        json_array_append_new(reload->limited, report_json_text(text));
    return code;
}

static enum exit_code change_quotas(struct reload *reload)
{
    enum exit_code code = EXIT_OK;

    for (uint32_t i = 0; i < reload->quota_count && code == EXIT_OK; i++)
        code = change_quota(reload, &reload->quotas[i]);
    return code;
}

/* ---- all of it ---- */

static enum exit_code read_file(struct reload *reload, const char *file)
{
    if (wanted_read(&reload->wanted, file, &reload->error) != 0)
        return fail(reload, EXIT_USAGE);
    for (uint32_t i = 0; i < reload->wanted.object_count; i++)
        if (object_path_make_absolute(&reload->wanted.objects[i], &reload->error) != 0)
            return fail(reload, EXIT_USAGE);
    return make_room(reload);
}

static enum exit_code reload_all(struct reload *reload, const char *vm, const char *file)
{
    enum exit_code code = read_file(reload, file);
    if (code != EXIT_OK)
        return code;
    reload->connection = holdfast_connect(vm);
    code = compare_settings(reload);
    if (code == EXIT_OK)
        code = plan_quotas(reload);
    if (code == EXIT_OK)
        code = plan_objects(reload);
    if (code == EXIT_OK)
        code = open_files(reload);
    if (code == EXIT_OK)
        code = change_quotas(reload);
    if (code == EXIT_OK)
        code = change_objects(reload);
    holdfast_close(reload->connection);
    return code;
}

static void print_names(const char *what, const json_t *names)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        printf("%s %s\n", what, json_string_value(json_array_get(names, i)));
}

static void print(const struct reload *reload)
{
    print_names("detached", reload->detached);
    print_names("attached", reload->attached);
    print_names("quota changed of tag", reload->limited);
    for (size_t i = 0; i < json_array_size(reload->restart); i++) {
        const json_t *word = json_array_get(reload->restart, i);
        struct error line; /* one line, whatever the values hold */
        error_set(&line, "needs a restart: %s is '%.100s', and '%.100s' in the file",
                  json_string_value(json_object_get(word, "word")),
                  json_string_value(json_object_get(word, "running")),
                  json_string_value(json_object_get(word, "file")));
        printf("%s\n", line.text);
    }
    if (json_array_size(reload->detached) + json_array_size(reload->attached) +
            json_array_size(reload->limited) + json_array_size(reload->restart) ==
        0)
        printf("nothing to change\n");
}

static enum exit_code tell(const struct reload *reload, const char *vm)
{
    if (reload->options->json)
        return report_json(reload->options,
                           json_pack("{s:o, s:O, s:O, s:O, s:O}", "vm", report_json_text(vm),
                                     "detached", reload->detached, "attached", reload->attached,
                                     "quotas", reload->limited, "restart", reload->restart));
    print(reload);
    return EXIT_OK;
}

enum exit_code run_reload(const struct options *options, char **arguments)
{
    struct reload reload = {.options = options};

    if (options->config == NULL)
        return report_usage(options, "which file? write: holdfastctl reload VM --config FILE");
    enum exit_code code = reload_all(&reload, arguments[0], options->config);
    if (code == EXIT_OK)
        code = tell(&reload, arguments[0]);
    free_room(&reload);
    return code;
}
