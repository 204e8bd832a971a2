/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "vmm/cause.h"
#include "vmm/devices/console.h"
#include "vmm/options/quota.h"
#include "vmm/options/size.h"
#include "vmm/process/inherited.h"
#include "vmm/windows/backings.h"
#include "vmm/wire/vm_name.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_LEAST (4ull << 20)
#define MEMORY_MOST  (64ull << 40)
#define ARENA_LEAST  HF_PAGE_SIZE
#define ARENA_MOST   (1ull << 40)
#define VCPUS_MOST   1024u

enum {
    OPTION_NAME = 256,
    OPTION_MEMORY,
    OPTION_VCPUS,
    OPTION_KERNEL,
    OPTION_INITRD,
    OPTION_APPEND,
    OPTION_BOOT,
    OPTION_ON_POWEROFF,
    OPTION_ON_REBOOT,
    OPTION_ON_PANIC,
    OPTION_ARENA,
    OPTION_OBJECT,
    OPTION_CONSOLE,
    OPTION_CONSOLE_LOG,
    OPTION_PAUSED,
    OPTION_CONTROL,
    OPTION_SHARE_CONTROL,
    OPTION_GUARANTEE,
    OPTION_CALIBRATE,
    OPTION_BUDGET,
    OPTION_QUOTA,
    OPTION_USER,
    OPTION_SANDBOX,
    OPTION_SANDBOX_LIST,
    OPTION_CONFIG,
    OPTION_CHECK,
    OPTION_END
};

static const struct option names[] = {
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

static int take(struct options *options, int option, char *value, struct error *error)
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

/* ---- the file ---- */

static bool is_for_file(const struct option *name)
{
    switch (name->val) {
    case OPTION_SANDBOX_LIST:
    case OPTION_CONFIG:
    case OPTION_CHECK:
    case 'h':
    case 'V':
        return false;
    default:
        return true;
    }
}

static bool may_be_repeated(const struct option *name)
{
    return name->val == OPTION_OBJECT || name->val == OPTION_QUOTA;
}

static const struct option *find_word(const char *word)
{
    for (const struct option *name = names; name->name != NULL; name++)
        if (is_for_file(name) && strcmp(name->name, word) == 0)
            return name;
    return NULL;
}

/* Causes are written for the command line: without the option that they begin with. */
static const char *without_option(const char *cause, const char *word)
{
    const size_t length = strlen(word);

    if (strncmp(cause, "--", 2) != 0 || strncmp(cause + 2, word, length) != 0)
        return cause;
    cause += 2 + length;
    return cause + (*cause == ':') + strspn(cause + (*cause == ':'), " ");
}

static int take_flag(struct options *options, const struct option *name, const char *value,
                     struct error *error)
{
    if (strcmp(value, "yes") == 0)
        return take(options, name->val, NULL, error);
    if (strcmp(value, "no") == 0)
        return 0;
    return error_set(error, "%.64s: must be yes or no", value);
}

static int take_line(struct options *options, const char *word, const char *value,
                     unsigned lines[OPTION_END - OPTION_NAME], struct error *error)
{
    const struct config *config = &options->config;
    const struct option *name = find_word(word);
    struct error cause;

    if (name == NULL)
        return config_refuse(config, word, "there is no such word; see holdfast.conf(5)", error);
    unsigned *before = &lines[name->val - OPTION_NAME];
    if (*before != 0 && !may_be_repeated(name)) {
        error_set(&cause, "is in line %u already; take one of them out", *before);
        return config_refuse(config, word, cause.text, error);
    }
    *before = config->line;
    const int result = name->has_arg == no_argument
                           ? take_flag(options, name, value, &cause)
                           : take(options, name->val, (char *)(uintptr_t)value, &cause);
    return result == 0 ? 0 : config_refuse(config, word, without_option(cause.text, word), error);
}

/* tell: all lines that are wrong, one by one; NULL: the first alone. */
static int take_file(struct options *options, const char *path, const struct options_listener *tell,
                     struct error *error)
{
    unsigned lines[OPTION_END - OPTION_NAME] = {0};
    const char *word, *value;
    int result = 0;
    int found;

    if (config_read(&options->config, path, error) < 0)
        return -1;
    while ((found = config_next(&options->config, &word, &value, error)) != 0) {
        if (found > 0 && take_line(options, word, value, lines, error) == 0)
            continue;
        result = -1;
        if (tell == NULL)
            break;
        tell->tell(tell->who, error->text);
        error->text[0] = '\0';
    }
    return result;
}

const char *options_word(unsigned index)
{
    for (const struct option *name = names; name->name != NULL; name++)
        if (is_for_file(name) && index-- == 0)
            return name->name;
    return NULL;
}

/* ---- the command line ---- */

/* Reads all words; take_them: and takes what they say. Else only which file is to be read first. */
static int take_words(struct options *options, int argc, char **argv, const char **file,
                      bool take_them, struct error *error)
{
    const char *word;
    int option;

    opterr = 0;
    /* getopt_long() moves optind behind a word of short options only with the last of them. */
    while (word = argv[optind], (option = getopt_long(argc, argv, "+:hV", names, NULL)) != -1) {
        if (option == ':')
            return error_set(error, "%.100s needs a value; see holdfast-vmm --help", word);
        if (option == '?')
            return error_set(error, "unknown option %.100s; see holdfast-vmm --help", word);
        if (option == OPTION_CONFIG && !take_them && *file != NULL)
            return error_set(error, "--config %.200s: one file is read, and %.200s is named before",
                             optarg, *file);
        if (option == OPTION_CONFIG)
            *file = optarg;
        if (take_them && take(options, option, optarg, error) < 0)
            return -1;
    }
    return 0;
}

static int check_together(const struct options *options, const char *file, struct error *error)
{
    if (options->kernel == NULL && file != NULL)
        return error_set(
            error, "%.200s: the word 'kernel' is missing: which image is to be booted?", file);
    if (options->kernel == NULL)
        return error_set(error, "--kernel is missing: which image is to be booted?");
    if (options->calibrate && options->guarantee == GUARANTEE_OFF)
        return error_set(error, "--calibrate: with --guarantee off nothing is set aside");
    return 0;
}

int options_parse(struct options *options, int argc, char **argv, struct error *error)
{
    return options_parse_all(options, argc, argv, NULL, error);
}

int options_parse_all(struct options *options, int argc, char **argv,
                      const struct options_listener *tell, struct error *error)
{
    const char *file = NULL;
    int result = 0;

    *options = (struct options){
        .append = "",
        .console = "stdio",
        .memory = 64ull << 20,
        .arena = 1ull << 30,
        .vcpus = 1,
        .boot = BOOT_AUTO,
        .on_poweroff = MACHINE_EXITS,
        .on_reboot = MACHINE_RESETS,
        .on_panic = MACHINE_EXITS,
        .guarantee = GUARANTEE_BEST_EFFORT,
    };
    snprintf(options->default_name, sizeof options->default_name, "vm-%d", (int)getpid());
    options->name = options->default_name;

    if (take_words(options, argc, argv, &file, false, error) < 0)
        return -1;
    if (file != NULL)
        result = take_file(options, file, tell, error);
    if (result < 0 && error->text[0] != '\0')
        return -1;
    optind = 0; /* once more from the beginning: what they say counts more than the file */
    if (take_words(options, argc, argv, &file, true, error) < 0)
        return -1;
    if (options->help || options->version || options->sandbox_list)
        return result;
    if (optind < argc)
        return error_set(error, "%.100s: not an option; see holdfast-vmm --help", argv[optind]);
    return check_together(options, file, error) < 0 ? -1 : result;
}

enum option_word options_look_up(const char *word)
{
    const char *name = word + strspn(word, "-");
    const size_t length = strcspn(name, "=");

    for (const struct option *option = names; option->name != NULL; option++)
        if (name == word + 2 && strncmp(name, option->name, length) == 0 &&
            option->name[length] == '\0')
            return option->has_arg == required_argument && name[length] == '\0'
                       ? OPTION_BEFORE_VALUE
                       : OPTION_WHOLE;
    return OPTION_UNKNOWN;
}

void options_free(struct options *options)
{
    free(options->objects);
    options->objects = NULL;
    free(options->quotas);
    options->quotas = NULL;
    config_free(&options->config);
}
