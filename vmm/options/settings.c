/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include "options.h"
#include "vmm/cause.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS_MOST 32u
#define VALUE_ROOM    96u /* of a value that is not there as a text: three numbers of 64 bits */

static const char *yes_or_no(bool is_set)
{
    return is_set ? "yes" : "no";
}

static const char *action(enum machine_action action)
{
    static const char *const words[] = {
        [MACHINE_EXITS] = "exit", [MACHINE_RESETS] = "reset", [MACHINE_PAUSES] = "pause"};

    return words[action];
}

static void add(struct settings *settings, const char *word, const char *value)
{
    settings->setting[settings->count++] = (struct setting){word, value != NULL ? value : ""};
}

/* A number is written behind the list, where it stays as long. */
static void add_number(struct settings *settings, const char *word, uint64_t number)
{
    char *room = (char *)(settings->setting + SETTINGS_MOST) + settings->count * VALUE_ROOM;

    snprintf(room, VALUE_ROOM, "%llu", (unsigned long long)number);
    add(settings, word, room);
}

/* As operators write it; what has no limit is left out. */
static void add_budget(struct settings *settings, const struct budget *budget)
{
    const struct {
        const char *key;
        uint64_t amount;
    } parts[] = {
        {"windows", budget->windows}, {"extents", budget->extents}, {"tables", budget->tables}};
    char *room = (char *)(settings->setting + SETTINGS_MOST) + settings->count * VALUE_ROOM;
    size_t length = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].amount != 0)
            length += (size_t)snprintf(room + length, VALUE_ROOM - length, "%s%s=%llu",
                                       length > 0 ? "," : "", parts[i].key,
                                       (unsigned long long)parts[i].amount);
    add(settings, "budget", room);
}

int settings_of(struct settings *settings, const struct options *options, struct error *error)
{
    *settings = (struct settings){
        .setting = calloc(SETTINGS_MOST, sizeof settings->setting[0] + VALUE_ROOM)};
    if (settings->setting == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    add(settings, "name", options->name);
    add_number(settings, "memory", options->memory);
    add_number(settings, "vcpus", options->vcpus);
    add(settings, "kernel", options->kernel);
    add(settings, "initrd", options->initrd);
    add(settings, "append", options->append);
    add(settings, "boot", boot_way_name(options->boot));
    add(settings, "on-poweroff", action(options->on_poweroff));
    add(settings, "on-reboot", action(options->on_reboot));
    add(settings, "on-panic", action(options->on_panic));
    add_number(settings, "arena", options->arena);
    add(settings, "console", options->console);
    add(settings, "console-log", options->console_log);
    add(settings, "paused", yes_or_no(options->paused));
    add(settings, "control", options->control);
    add(settings, "share-control", yes_or_no(options->share_control));
    add(settings, "guarantee", guarantee_name(options->guarantee));
    add(settings, "calibrate", yes_or_no(options->calibrate));
    add_budget(settings, &options->budget);
    add(settings, "user", options->user);
    add(settings, "sandbox", sandbox_mode_name(options->sandbox));
    return 0;
}

void settings_free(struct settings *settings)
{
    free(settings->setting);
    *settings = (struct settings){0};
}
