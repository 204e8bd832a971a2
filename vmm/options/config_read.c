/* SPDX-License-Identifier: MIT
 * A configuration file, from the disk into memory. */
#include "config.h"

#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes, or -1 with errno. */
static ssize_t read_all(int fd, char *text, size_t room)
{
    size_t length = 0;

    while (length < room) {
        const ssize_t got = read(fd, text + length, room - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static int read_text(struct config *config, const char *path, int fd, struct error *error)
{
    const size_t room = CONFIG_BYTES_MOST + 1;
    char *text = malloc(room + 1);

    if (text == NULL)
        return error_set(error, "%.200s: %s", path, cause_text(ENOMEM));
    const ssize_t length = read_all(fd, text, room);
    if (length < 0)
        error_set(error, "%.200s: cannot be read: %s", path, cause_text(errno));
    else if ((size_t)length > CONFIG_BYTES_MOST)
        error_set(error, "%.200s: has more than %zu bytes; is this a configuration file?", path,
                  CONFIG_BYTES_MOST);
    if (length < 0 || (size_t)length > CONFIG_BYTES_MOST) {
        free(text);
        return -1;
    }
    char *fitting = realloc(text, (size_t)length + 1);
    config_take(config, path, fitting != NULL ? fitting : text, (size_t)length);
    return 0;
}

int config_read(struct config *config, const char *path, struct error *error)
{
    struct stat info;
    /* A FIFO or a device is not waited for. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int result = -1;

    *config = (struct config){0};
    if (fd < 0)
        return error_set(error, "%.200s: cannot be opened: %s", path, cause_text(errno));
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
        error_set(error, "%.200s: is not a regular file", path);
    else
        result = read_text(config, path, fd, error);
    close(fd);
    return result;
}

void config_free(struct config *config)
{
    free(config->text);
    *config = (struct config){0};
}
