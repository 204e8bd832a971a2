/* SPDX-License-Identifier: MIT
 * holdfastctl reload: has a VM follow its configuration file, as far as one that runs can. */
#include "vmm/ctl/reload.h"

#include "vmm/cause.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    return reload_fail(reload, EXIT_FAILED);
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

/* ---- all of it ---- */

static enum exit_code read_file(struct reload *reload, const char *file)
{
    if (wanted_read(&reload->wanted, file, &reload->error) != 0)
        return reload_fail(reload, EXIT_USAGE);
    for (uint32_t i = 0; i < reload->wanted.object_count; i++)
        if (object_path_make_absolute(&reload->wanted.objects[i], &reload->error) != 0)
            return reload_fail(reload, EXIT_USAGE);
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
        code = reload_plan_quotas(reload);
    if (code == EXIT_OK)
        code = reload_plan_objects(reload);
    if (code == EXIT_OK)
        code = reload_open_files(reload);
    if (code == EXIT_OK)
        code = reload_change_quotas(reload);
    if (code == EXIT_OK)
        code = reload_change_objects(reload);
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
