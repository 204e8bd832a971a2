/* SPDX-License-Identifier: MIT
 * Where a console is to lead, as operators write it. Knows no VMM: the CLI reads configuration
 * files, too. */
#include "console_where.h"

#include "console.h"
#include "vmm/process/inherited.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char *console_file_path(const char *text)
{
    return strncmp(text, "file:", 5) == 0 && text[5] != '\0' ? text + 5 : NULL;
}

int console_descriptor(const char *text)
{
    char *end;

    if (strncmp(text, "fd:", 3) != 0 || text[3] < '0' || text[3] > '9')
        return -1;
    errno = 0;
    const long fd = strtol(text + 3, &end, 10);
    return *end == '\0' && errno == 0 && fd <= INT_MAX ? (int)fd : -1;
}

/* Whether what it names, if that is a descriptor or a path to one, was handed down. */
static int check_inherited(const char *option, const char *text, struct error *error)
{
    const int fd = console_descriptor(text);
    struct error cause;

    if (fd >= 0 && !inherited(fd))
        return error_set(error, "%s %s: the VMM was started without a descriptor %d", option, text,
                         fd);
    if (fd < 0 && console_file_path(text) != NULL &&
        inherited_check_path(console_file_path(text), &cause) < 0)
        return error_set(error, "%s %.100s", option, cause.text);
    return 0;
}

int console_check(const char *text, struct error *error)
{
    if (strcmp(text, "stdio") == 0 || strcmp(text, "pty") == 0 || console_file_path(text) != NULL ||
        console_descriptor(text) >= 0)
        return check_inherited("--console", text, error);
    return error_set(error, "--console %s: no such console; say stdio, pty, file:PATH or fd:N",
                     text);
}

int console_check_log(const char *text, struct error *error)
{
    if (console_file_path(text) != NULL || console_descriptor(text) >= 0)
        return check_inherited("--console-log", text, error);
    return error_set(error, "--console-log %s: no such log; say file:PATH or fd:N", text);
}
