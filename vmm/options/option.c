/* SPDX-License-Identifier: MIT */
#include "option.h"

#include "vmm/cause.h"
#include "vmm/devices/console.h"
#include "vmm/options/quota.h"
#include "vmm/options/size.h"
#include "vmm/process/inherited.h"
#include "vmm/windows/backings.h"
#include "vmm/wire/vm_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_LEAST (4ull << 20)
#define MEMORY_MOST  (64ull << 40)
#define ARENA_LEAST  HF_PAGE_SIZE
#define ARENA_MOST   (1ull << 40)
#define VCPUS_MOST   1024u

const struct option option_names[] = {
    {"name", required_argument, NULL, OPTION_NAME},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"vcpus", required_argument, NULL, OPTION_VCPUS},
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"initrd", required_argument, NULL, OPTION_INITRD},
    {"boot", required_argument, NULL, OPTION_BOOT},
    {"on-poweroff", required_argument, NULL, OPTION_ON_POWEROFF},
    {"on-reboot", required_argument, NULL, OPTION_ON_REBOOT},
    {"on-panic", required_argument, NULL, OPTION_ON_PANIC},
    {"append", required_argument, NULL, OPTION_APPEND},
    {"arena", required_argument, NULL, OPTION_ARENA},
    {"object", required_argument, NULL, OPTION_OBJECT},
    {"console", required_argument, NULL, OPTION_CONSOLE},
    {"console-log", required_argument, NULL, OPTION_CONSOLE_LOG},
    {"paused", no_argument, NULL, OPTION_PAUSED},
    {"control", required_argument, NULL, OPTION_CONTROL},
    {"share-control", no_argument, NULL, OPTION_SHARE_CONTROL},
    {"guarantee", required_argument, NULL, OPTION_GUARANTEE},
    {"calibrate", no_argument, NULL, OPTION_CALIBRATE},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"quota", required_argument, NULL, OPTION_QUOTA},
    {"user", required_argument, NULL, OPTION_USER},
    {"sandbox", required_argument, NULL, OPTION_SANDBOX},
    {"sandbox-list", no_argument, NULL, OPTION_SANDBOX_LIST},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int parse_bytes(const char *option, const char *text, uint64_t least, uint64_t most,
                       uint64_t *bytes, struct error *error)
{
    struct error cause;

    if (size_parse(text, bytes, &cause) < 0)
        return error_set(error, "%s: %.400s", option, cause.text);
    if (*bytes < least || *bytes > most) {
        char from[SIZE_TEXT], to[SIZE_TEXT];
        size_text(least, from);
        size_text(most, to);
        return error_set(error, "%s %s: must be %s to %s", option, text, from, to);
    }
    if (*bytes % HF_PAGE_SIZE != 0)
        return error_set(error, "%s %s: not a multiple of the page size, %llu bytes", option, text,
                         (unsigned long long)HF_PAGE_SIZE);
    return 0;
}

static int check_path(const char *option, const char *path, struct error *error)
{
    struct error cause;

    if (inherited_check_path(path, &cause) < 0)
        return error_set(error, "%s %.400s", option, cause.text);
    return 0;
}

static int parse_name(const char *text, const char **name, struct error *error)
{
    struct error cause;

    *name = text;
    if (vm_name_check(text, &cause) < 0)
        return error_set(error, "--name %.64s: %.400s", text, cause.text);
    return 0;
}

static int parse_vcpus(const char *text, uint32_t *vcpus, struct error *error)
{
    char *end;

    errno = 0;
    const unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 ||
        value > VCPUS_MOST)
        return error_set(error, "--vcpus %s: must be a number from 1 to %u", text, VCPUS_MOST);
    *vcpus = (uint32_t)value;
    return 0;
}

static int parse_action(const char *option, const char *text, enum machine_action *action,
                        struct error *error)
{
    static const char *const words[] = {
        [MACHINE_EXITS] = "exit",
        [MACHINE_RESETS] = "reset",
        [MACHINE_PAUSES] = "pause",
    };

    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *action = (enum machine_action)i;
            return 0;
        }
    }
    return error_set(error, "%s %s: no such action; say exit, reset or pause", option, text);
}

static int add_object(struct options *options, const char *text, struct error *error)
{
    struct object_spec spec;
    struct error cause;

    if (object_parse(text, &spec, &cause) < 0 || object_check(&spec, &cause) < 0 ||
        inherited_check_path(spec.path, &cause) < 0)
        return error_set(error, "--object %.100s: %.380s", text, cause.text);
    for (uint32_t i = 0; i < options->object_count; i++)
        if (strcmp(options->objects[i].name, spec.name) == 0)
            return error_set(error, "--object: the name %s is given twice", spec.name);
    if (options->object_count == BACKINGS_OBJECTS)
        return error_set(error, "--object: more than %u objects", BACKINGS_OBJECTS);
    struct object_spec *objects =
        realloc(options->objects, (options->object_count + 1) * sizeof spec);
    if (objects == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    options->objects = objects;
    options->objects[options->object_count++] = spec;
    return 0;
}

static int parse_budget(const char *text, struct budget *budget, struct error *error)
{
    struct error cause;

    if (budget_parse(text, budget, &cause) < 0)
        return error_set(error, "--budget %.100s: %.380s", text, cause.text);
    return 0;
}

static int add_quota(struct options *options, const char *text, struct error *error)
{
    struct tag_quota quota;
    struct error cause;

    if (quota_parse(text, &quota.tag, &quota.most, &cause) < 0)
        return error_set(error, "--quota %.100s: %.380s", text, cause.text);
    for (uint32_t i = 0; i < options->quota_count; i++)
        if (options->quotas[i].tag == quota.tag)
            return error_set(error, "--quota %.100s: the tag has a quota already", text);
    struct tag_quota *quotas =
        reallocarray(options->quotas, options->quota_count + 1, sizeof quota);
    if (quotas == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    options->quotas = quotas;
    options->quotas[options->quota_count++] = quota;
    return 0;
}

int option_take(struct options *options, int option, char *value, struct error *error)
{
    switch (option) {
    case OPTION_NAME:
        return parse_name(value, &options->name, error);
    case OPTION_MEMORY:
        return parse_bytes("--memory", value, MEMORY_LEAST, MEMORY_MOST, &options->memory, error);
    case OPTION_VCPUS:
        return parse_vcpus(value, &options->vcpus, error);
    case OPTION_KERNEL:
        options->kernel = value;
        return check_path("--kernel", value, error);
    case OPTION_INITRD:
        options->initrd = value;
        return check_path("--initrd", value, error);
    case OPTION_BOOT:
        return boot_way_parse(value, &options->boot, error);
    case OPTION_ON_POWEROFF:
        return parse_action("--on-poweroff", value, &options->on_poweroff, error);
    case OPTION_ON_REBOOT:
        return parse_action("--on-reboot", value, &options->on_reboot, error);
    case OPTION_ON_PANIC:
        return parse_action("--on-panic", value, &options->on_panic, error);
    case OPTION_APPEND:
        options->append = value;
        return 0;
    case OPTION_ARENA:
        return parse_bytes("--arena", value, ARENA_LEAST, ARENA_MOST, &options->arena, error);
    case OPTION_OBJECT:
        return add_object(options, value, error);
    case OPTION_CONSOLE:
        options->console = value;
        return console_check(value, error);
    case OPTION_CONSOLE_LOG:
        options->console_log = value;
        return console_check_log(value, error);
    case OPTION_PAUSED:
        options->paused = true;
        return 0;
    case OPTION_SHARE_CONTROL:
        options->share_control = true;
        return 0;
    case OPTION_CONTROL:
        options->control = value;
        return value[0] != '\0' ? 0 : error_set(error, "--control: the path is empty");
    case OPTION_GUARANTEE:
        return guarantee_parse(value, &options->guarantee, error);
    case OPTION_CALIBRATE:
        options->calibrate = true;
        return 0;
    case OPTION_BUDGET:
        return parse_budget(value, &options->budget, error);
    case OPTION_QUOTA:
        return add_quota(options, value, error);
    case OPTION_USER:
        options->user = value;
        return 0;
    case OPTION_SANDBOX:
        return sandbox_parse(value, &options->sandbox, error);
    case OPTION_SANDBOX_LIST:
        options->sandbox_list = true;
        return 0;
    case OPTION_CONFIG: /* read before all others */
        return 0;
    case OPTION_CHECK:
        options->check = true;
        return 0;
    case 'h':
        options->help = true;
        return 0;
    default:
        options->version = true;
        return 0;
    }
}
