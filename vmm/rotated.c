/* SPDX-License-Identifier: MIT */
#include "vmm/rotated.h"

#include <sys/stat.h>
#include <unistd.h>

void rotated_follow(int fd)
{
    struct stat file;

    if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && lseek(fd, 0, SEEK_CUR) > file.st_size)
        lseek(fd, 0, SEEK_END);
}
