/* SPDX-License-Identifier: MIT */
#include "wanted.h"

#include "options.h"
#include "settings.h"
#include "vmm/cause.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

int wanted_read(struct wanted *wanted, const char *file, struct error *error)
{
    char *words[] = {"holdfast-vmm", "--config", (char *)(uintptr_t)file, NULL};

    *wanted = (struct wanted){.options = calloc(1, sizeof *wanted->options)};
    if (wanted->options == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    optind = 0; /* the C library may be in the middle of other words */
    if (options_parse(wanted->options, 3, words, error) < 0 ||
        settings_of(&wanted->settings, wanted->options, error) < 0)
        return -1;
    wanted->objects = wanted->options->objects;
    wanted->object_count = wanted->options->object_count;
    wanted->quotas = wanted->options->quotas;
    wanted->quota_count = wanted->options->quota_count;
    return 0;
}

void wanted_free(struct wanted *wanted)
{
    settings_free(&wanted->settings);
    if (wanted->options != NULL)
        options_free(wanted->options);
    free(wanted->options);
    *wanted = (struct wanted){0};
}
