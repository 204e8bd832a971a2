/* SPDX-License-Identifier: MIT
 * Reading an image file whole. */
#include "image.h"

#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct boot_file *file, int fd, uint64_t most, struct error *error)
{
    struct stat info;

    if (fstat(fd, &info) < 0)
        return error_set(error, "%s %s: %s", file->option, file->path, cause_text(errno));
    if (!S_ISREG(info.st_mode) || info.st_size <= 0 || (uint64_t)info.st_size > most)
        return error_set(error, "%s %s: not a regular file of 1 byte to %llu GiB", file->option,
                         file->path, ULL(most >> 30));
    file->size = (size_t)info.st_size;
    file->bytes = malloc(file->size);
    if (file->bytes == NULL)
        return error_set(error, "%s %s: no memory for its %zu bytes", file->option, file->path,
                         file->size);
    for (size_t done = 0; done < file->size;) {
        const ssize_t got = read(fd, file->bytes + done, file->size - done);
        if (got <= 0)
            return error_set(error, "%s %s: reading stopped at byte %zu: %s", file->option,
                             file->path, done, got < 0 ? cause_text(errno) : "end of file");
        done += (size_t)got;
    }
    return 0;
}

int file_read(struct boot_file *file, uint64_t most, struct error *error)
{
    const int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return error_set(error, "%s %s: %s", file->option, file->path, cause_text(errno));
    const int result = read_all(file, fd, most, error);
    close(fd);
    if (result < 0)
        file_forget(file);
    return result;
}

void file_forget(struct boot_file *file)
{
    free(file->bytes);
    file->bytes = NULL;
}
