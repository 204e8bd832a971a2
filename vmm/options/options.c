/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads all words; take_them: and takes what they say. Else only which file is to be read first. */
static int take_words(struct options *options, int argc, char **argv, const char **file,
                      bool take_them, struct error *error)
{
    const char *word;
    int option;

    opterr = 0;
    /* getopt_long() moves optind behind a word of short options only with the last of them. */
    while (word = argv[optind],
           (option = getopt_long(argc, argv, "+:hV", option_names, NULL)) != -1) {
        if (option == ':')
            return error_set(error, "%.100s needs a value; see holdfast-vmm --help", word);
        if (option == '?')
            return error_set(error, "unknown option %.100s; see holdfast-vmm --help", word);
        if (option == OPTION_CONFIG && !take_them && *file != NULL)
            return error_set(error, "--config %.200s: one file is read, and %.200s is named before",
                             optarg, *file);
        if (option == OPTION_CONFIG)
            *file = optarg;
        if (take_them && option_take(options, option, optarg, error) < 0)
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
        result = option_take_file(options, file, tell, error);
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

    for (const struct option *option = option_names; option->name != NULL; option++)
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
