/* SPDX-License-Identifier: MIT
 * Opening the file that an object names: for the VMM at its start, and for the CLI, which hands the
 * descriptor over. Knows no VMM. */
#include "vmm/memory/object.h"

#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse_kind(const struct object_spec *spec, mode_t mode, struct error *error)
{
    if (S_ISREG(mode) || S_ISBLK(mode))
        return 0;
    return error_set(error, "object %s: %s is neither a regular file nor a block device",
                     spec->name, spec->path);
}

/* Opens what is there, once it has been seen what that is: to open a FIFO lets its writer go on,
 * and to open a device may do anything. The descriptor, -1 with errno, or -2 with the error set. */
static int open_there(const struct object_spec *spec, struct error *error)
{
    const int flags = (spec->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    const int seen = open(spec->path, O_PATH | O_CLOEXEC);
    char again[64];
    struct stat info;

    if (seen < 0)
        return -1;
    int fd = -1;
    if (fstat(seen, &info) == 0 && refuse_kind(spec, info.st_mode, error) < 0) {
        fd = -2;
    } else {
        snprintf(again, sizeof again, "/proc/self/fd/%d", seen);
        fd = open(again, flags);
    }
    const int cause = errno;
    close(seen);
    errno = cause;
    return fd;
}

/* A file of so many zeros. The descriptor, or -1 with errno. */
static int make_file(const struct object_spec *spec, struct made_file *new_file)
{
    const int fd = open(spec->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        made_file_note(new_file, fd);
    return fd;
}

int object_path_make_absolute(struct object_spec *spec, struct error *error)
{
    char here[sizeof spec->path];
    char whole[sizeof spec->path];
    if (spec->path[0] == '\0' || spec->path[0] == '/')
        return 0;
    if (getcwd(here, sizeof here) == NULL)
        return error_set(error, "cannot tell the working directory: %s", cause_text(errno));
    int length =
        snprintf(whole, sizeof whole, "%s/%s", strcmp(here, "/") == 0 ? "" : here, spec->path);
    if (length < 0 || (size_t)length >= sizeof whole)
        return error_set(error, "the path %.100s is too long", spec->path);
    strcpy(spec->path, whole);
    return 0;
}

int object_open_path(const struct object_spec *spec, struct made_file *new_file,
                     struct error *error)
{
    int fd = open_there(spec, error);

    if (fd == -2)
        return -1;
    if (fd < 0 && errno == ENOENT && spec->create)
        fd = make_file(spec, new_file);
    if (fd < 0)
        return error_set(error, "object %s: cannot open %s %s: %s%s", spec->name, spec->path,
                         spec->read_only ? "for reading" : "for reading and writing",
                         cause_text(errno),
                         errno == ENOENT                       ? " (size=S,create would make it)"
                         : errno == EACCES && !spec->read_only ? " (access=ro may be enough)"
                                                               : "");
    if (new_file->is_made && ftruncate(fd, (off_t)spec->bytes) < 0) {
        error_set(error, "object %s: cannot make %s %llu bytes long: %s", spec->name, spec->path,
                  (unsigned long long)spec->bytes, cause_text(errno));
        made_file_remove(new_file, spec->path);
        close(fd);
        return -1;
    }
    return fd;
}
