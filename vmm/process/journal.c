/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

#define LEVEL_INFO 6

/* JOURNAL_STREAM is handed down to whoever is started, but standard error may lead elsewhere. */
static bool is_stderr(const char *stream)
{
    struct stat info;
    unsigned long long device, inode;
    char rest;

    return stream != NULL && sscanf(stream, "%llu:%llu%c", &device, &inode, &rest) == 2 &&
           fstat(STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

enum journal_way journal_open(int *socket_made)
{
    static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET};

    *socket_made = -1;
    if (!is_stderr(getenv("JOURNAL_STREAM")))
        return JOURNAL_NONE;
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return JOURNAL_LEVELS;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return JOURNAL_LEVELS;
    }
    *socket_made = fd;
    return JOURNAL_NATIVE;
}

int journal_level(const struct log_about *about)
{
    return about->level == LOG_LEVEL_INFO ? LEVEL_INFO : (int)about->level;
}

/* A tag is four characters by custom, in the order of their bytes in memory. */
static void write_tag(uint32_t tag, char text[16])
{
    char characters[5] = {0};

    memcpy(characters, &tag, 4);
    for (int i = 0; i < 4; i++) {
        if (characters[i] < ' ' || characters[i] > '~') {
            snprintf(text, 16, "0x%x", tag);
            return;
        }
    }
    snprintf(text, 16, "%s", characters);
}

int journal_begin(const struct log_about *about, const char *vm, char *line, size_t room)
{
    char vcpu[32] = "", window[48] = "", tag[48] = "", characters[16];

    if (about->has_vcpu)
        snprintf(vcpu, sizeof vcpu, "HOLDFAST_VCPU=%u\n", about->vcpu);
    if (about->window != 0)
        snprintf(window, sizeof window, "HOLDFAST_WINDOW=0x%llx\n",
                 (unsigned long long)about->window);
    if (about->tag != 0) {
        write_tag(about->tag, characters);
        snprintf(tag, sizeof tag, "HOLDFAST_TAG=%s\n", characters);
    }
    /* The name was checked, or is "-". */
    return snprintf(
        line, room,
        "PRIORITY=%d\nSYSLOG_IDENTIFIER=holdfast-vmm\nHOLDFAST_VM=%.64s\n%s%s%sMESSAGE=",
        journal_level(about), vm, vcpu, window, tag);
}
