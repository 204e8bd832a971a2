/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/own_words.h"
#include "vmm/cause.h"
#include "vmm/libvirt/room.h"
#include "vmm/libvirt/words.h"
#include "vmm/process/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_OF_LIBVIRT 24

static int add(struct libvirt *libvirt, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int add(struct libvirt *libvirt, struct error *error, const char *format, ...)
{
    char *word;
    va_list args;

    va_start(args, format);
    const int length = vasprintf(&word, format, args);
    va_end(args);
    if (length < 0)
        return error_set(error, "%s", cause_text(ENOMEM));
    libvirt->own[libvirt->own_count++] = word;
    return 0;
}

/* ---- the serial port ---- */

/* The descriptor of /dev/fdset/N. 1: there it is, 0: path is something else, -1 with the error set:
 * there is no such set. */
static int descriptor_of(const struct command_line *line, const char *path, int *fd,
                         struct error *error)
{
    uint64_t set;

    if (strncmp(path, "/dev/fdset/", 11) != 0)
        return 0;
    if (!words_number(path + 11, 1, &set))
        return error_set(error, "%.100s: not a set of descriptors", path);
    for (uint32_t i = 0; i < line->set_count; i++) {
        const int flags = fcntl(line->sets[i].fd, F_GETFL);
        if (line->sets[i].set == set && flags >= 0 && (flags & O_ACCMODE) != O_RDONLY) {
            *fd = line->sets[i].fd;
            return 1;
        }
    }
    return error_set(error, "%.100s: no -add-fd hands down a descriptor for it to write to", path);
}

/* One word of our own for a file that is written: its path, or a descriptor of it. An option of our
 * own that names a path empties it (--console) or writes at its end (--console-log); for the other
 * way the file is opened here. */
static int add_file(struct libvirt *libvirt, const char *path, bool at_end, bool option_at_end,
                    struct error *error)
{
    int fd = -1;
    const int is_set = descriptor_of(&libvirt->line, path, &fd, error);

    if (is_set < 0)
        return -1;
    if (is_set == 0 && at_end == option_at_end)
        return add(libvirt, error, "file:%s", path);
    if (is_set == 0) {
        const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
        fd = open(path, flags | (at_end ? O_APPEND : O_TRUNC), 0644);
        if (fd < 0)
            return error_set(error, "cannot open the serial port's file %s: %s", path,
                             cause_text(errno));
        if (inherited_add(fd, error) < 0)
            return -1;
    }
    return add(libvirt, error, "fd:%d", fd);
}

static bool is_on(const json_t *chardev, const char *key)
{
    const char *value = words_get(chardev, key);

    return value != NULL && strcmp(value, "on") == 0;
}

static int add_console(struct libvirt *libvirt, const json_t *chardev, struct error *error)
{
    const char *backend = words_get(chardev, "backend");
    const char *path = words_get(chardev, "path");

    if (strcmp(backend, "socket") == 0)
        return error_set(error, "-chardev socket: not possible with Holdfast; a <serial> is of "
                                "type='pty' or 'file'");
    if (strcmp(backend, "null") == 0)
        return add(libvirt, error, "file:/dev/null");
    if (strcmp(backend, "file") != 0)
        return add(libvirt, error, "%s", backend); /* pty, stdio */
    if (path == NULL)
        return error_set(error, "-chardev file: its path is missing");
    return add_file(libvirt, path, is_on(chardev, "append"), false, error);
}

static int add_serial(struct libvirt *libvirt, struct error *error)
{
    const struct command_line *line = &libvirt->line;
    const json_t *chardev = line->serial != NULL ? command_line_chardev(line, line->serial) : NULL;

    if (add(libvirt, error, "--console") < 0)
        return -1;
    if (line->serial == NULL)
        return add(libvirt, error, "file:/dev/null");
    if (chardev == NULL)
        return error_set(error, "-device isa-serial: there is no chardev %.64s", line->serial);
    if (add_console(libvirt, chardev, error) < 0)
        return -1;
    const char *log = words_get(chardev, "logfile");
    if (log == NULL)
        return 0;
    return add(libvirt, error, "--console-log") < 0
               ? -1
               : add_file(libvirt, log, is_on(chardev, "logappend"), true, error);
}

/* ---- the machine ---- */

static int check_backend(const struct command_line *line, struct error *error)
{
    const char *id = line->memory_backend;
    const json_t *size = id != NULL ? json_object_get(line->memory_backends, id) : NULL;

    if (id == NULL)
        return json_object_size(line->memory_backends) == 0
                   ? 0
                   : error_set(error, "-object memory-backend-memfd: no -machine uses it");
    if (size == NULL)
        return error_set(error, "-machine memory-backend=%.64s: there is no such object", id);
    if (line->memory != 0 && (uint64_t)json_integer_value(size) != line->memory)
        return error_set(error, "-m and the memory backend %.64s differ in size", id);
    return 0;
}

/* 0: not said. */
static uint64_t memory_of(const struct command_line *line)
{
    const json_t *backend = line->memory_backend != NULL
                                ? json_object_get(line->memory_backends, line->memory_backend)
                                : NULL;

    return line->memory != 0 ? line->memory : (uint64_t)json_integer_value(backend);
}

static bool own_has(const struct command_line *line, const char *option)
{
    const size_t length = strlen(option);

    for (uint32_t i = 0; i < line->own_count; i++)
        if (strncmp(line->own[i], option, length) == 0 &&
            (line->own[i][length] == '\0' || line->own[i][length] == '='))
            return true;
    return false;
}

static int add_value(struct libvirt *libvirt, const char *option, const char *value,
                     struct error *error)
{
    /* A domain's name may be none for us, and then another is given. */
    if (value == NULL || own_has(&libvirt->line, option))
        return 0;
    return add(libvirt, error, "%s", option) < 0 ? -1 : add(libvirt, error, "%s", value);
}

static int add_machine(struct libvirt *libvirt, struct error *error)
{
    const struct command_line *line = &libvirt->line;

    if (check_backend(line, error) < 0 || add(libvirt, error, "holdfast-vmm") < 0 ||
        add_value(libvirt, "--name", line->name, error) < 0 ||
        add_value(libvirt, "--kernel", line->kernel, error) < 0 ||
        add_value(libvirt, "--initrd", line->initrd, error) < 0 ||
        add_value(libvirt, "--append", line->append, error) < 0)
        return -1;
    const uint64_t memory = memory_of(line);
    if (memory != 0 &&
        (add(libvirt, error, "--memory") < 0 || add(libvirt, error, "%" PRIu64, memory) < 0))
        return -1;
    if (line->vcpus != 0 &&
        (add(libvirt, error, "--vcpus") < 0 || add(libvirt, error, "%u", line->vcpus) < 0))
        return -1;
    return line->paused ? add(libvirt, error, "--paused") : 0;
}

int own_words_make(struct libvirt *libvirt, struct error *error)
{
    const struct command_line *line = &libvirt->line;

    libvirt->own = calloc(WORDS_OF_LIBVIRT + line->own_count + 1, sizeof libvirt->own[0]);
    if (libvirt->own == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    if (line->kernel == NULL && !own_has(line, "--kernel"))
        return error_set(error, "the domain names no <kernel>, and Holdfast boots nothing else");
    if (add_machine(libvirt, error) < 0 || add_serial(libvirt, error) < 0)
        return -1;
    for (uint32_t i = 0; i < line->own_count; i++)
        if (add(libvirt, error, "%s", line->own[i]) < 0)
            return -1;
    return 0;
}
