/* SPDX-License-Identifier: MIT
 * Options in a configuration file. */
#include "option.h"

#include <string.h>

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
    for (const struct option *name = option_names; name->name != NULL; name++)
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
        return option_take(options, name->val, NULL, error);
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
                           : option_take(options, name->val, (char *)(uintptr_t)value, &cause);
    return result == 0 ? 0 : config_refuse(config, word, without_option(cause.text, word), error);
}

int option_take_file(struct options *options, const char *path, const struct options_listener *tell,
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
    for (const struct option *name = option_names; name->name != NULL; name++)
        if (is_for_file(name) && index-- == 0)
            return name->name;
    return NULL;
}
