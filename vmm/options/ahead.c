/* SPDX-License-Identifier: MIT
 * What can be told of the host before a VM is started, by looking alone. */
#include "options.h"

#include "vmm/cause.h"
#include "vmm/devices/console_where.h"
#include "vmm/machine/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct look {
    const struct options_listener *tell;
    struct error error; /* of the step that has failed */
    bool is_fine;
};

/* result: what error_set() or a step has returned. */
static void note(struct look *look, int result)
{
    if (result == 0)
        return;
    look->is_fine = false;
    look->tell->tell(look->tell->who, look->error.text);
}

/* With the rights that this process has now. */
static bool may(const char *path, int rights)
{
    return faccessat(AT_FDCWD, path, rights, AT_EACCESS) == 0;
}

static int look_at_image(const char *option, const char *path, struct error *error)
{
    struct stat info;

    if (stat(path, &info) < 0 || (S_ISREG(info.st_mode) && !may(path, R_OK)))
        return error_set(error, "%s %.300s: cannot be read: %s", option, path, cause_text(errno));
    if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode))
        return error_set(error, "%s %.300s: is not a file", option, path);
    return 0;
}

/* Whether a file could be made there. */
static int look_at_directory(const char *option, const char *path, struct error *error)
{
    char directory[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');

    if (slash != NULL && (size_t)(slash - path) < sizeof directory) {
        const size_t length = slash == path ? 1 : (size_t)(slash - path);
        memcpy(directory, path, length);
        directory[length] = '\0';
    }
    if (may(directory, W_OK | X_OK))
        return 0;
    return error_set(error, "%s %.200s: nothing can be made in %.200s: %s", option, path, directory,
                     cause_text(errno));
}

static int look_at_object(const struct object_spec *spec, struct error *error)
{
    struct stat info;

    if (spec->path[0] == '\0')
        return 0;
    if (stat(spec->path, &info) < 0) {
        if (errno == ENOENT && spec->create)
            return look_at_directory("--object", spec->path, error);
        return error_set(error, "object %s: %.300s: %s%s", spec->name, spec->path,
                         cause_text(errno),
                         errno == ENOENT ? " (size=S,create would make it)" : "");
    }
    if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode))
        return error_set(error, "object %s: %.300s is neither a regular file nor a block device",
                         spec->name, spec->path);
    if (!may(spec->path, spec->read_only ? R_OK : R_OK | W_OK))
        return error_set(error, "object %s: %.300s cannot be opened for reading%s: %s%s",
                         spec->name, spec->path, spec->read_only ? "" : " and writing",
                         cause_text(errno), spec->read_only ? "" : " (access=ro may be enough)");
    if (S_ISREG(info.st_mode) && (uint64_t)info.st_size < (spec->bytes > 0 ? spec->bytes : 1))
        return error_set(error, "object %s: %.300s has %lld bytes; %llu are wanted", spec->name,
                         spec->path, (long long)info.st_size,
                         (unsigned long long)(spec->bytes > 0 ? spec->bytes : 1));
    return 0;
}

static int look_at_console(const char *option, const char *where, struct error *error)
{
    const char *path = where != NULL ? console_file_path(where) : NULL;
    struct stat info;

    if (path == NULL)
        return 0;
    if (stat(path, &info) < 0 && errno == ENOENT)
        return look_at_directory(option, path, error);
    if (may(path, W_OK))
        return 0;
    return error_set(error, "%s %.300s: cannot be written: %s", option, where, cause_text(errno));
}

static int look_at_user(const char *name, struct error *error)
{
    if (name == NULL || getpwnam(name) != NULL || (name[0] >= '0' && name[0] <= '9'))
        return 0;
    return error_set(error, "--user %.64s: there is no such user", name);
}

bool options_look_ahead(const struct options *options, const struct options_listener *tell)
{
    struct look look = {.tell = tell, .is_fine = true};

    note(&look, kvm_look(&look.error));
    if (options->kernel != NULL)
        note(&look, look_at_image("--kernel", options->kernel, &look.error));
    if (options->initrd != NULL)
        note(&look, look_at_image("--initrd", options->initrd, &look.error));
    for (uint32_t i = 0; i < options->object_count; i++)
        note(&look, look_at_object(&options->objects[i], &look.error));
    note(&look, look_at_console("--console", options->console, &look.error));
    note(&look, look_at_console("--console-log", options->console_log, &look.error));
    if (options->control != NULL)
        note(&look, look_at_directory("--control", options->control, &look.error));
    note(&look, look_at_user(options->user, &look.error));
    return look.is_fine;
}
