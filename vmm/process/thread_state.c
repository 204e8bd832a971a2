/* SPDX-License-Identifier: MIT */
#include "thread_state.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TEXT_ROOM 512u

#define BETWEEN_NS 200000000L /* twenty ticks of the kernel's accounts */
#define BUSY_TICKS 2u         /* of these, spent in the program: others use the processor, too */

/* What one look at a thread has shown. */
struct sight {
    char letter;           /* of its state, as ps(1) has it */
    uint64_t user, kernel; /* ticks of processor time */
};

/* false: it cannot be read. */
static bool read_file(int thread_id, const char *name, char text[TEXT_ROOM])
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/%s", thread_id, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t got = pread(fd, text, TEXT_ROOM - 1, 0);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

static bool see(int thread_id, struct sight *sight)
{
    char text[TEXT_ROOM];
    char *rest = NULL;

    if (!read_file(thread_id, "stat", text))
        return false;
    /* The name, which comes second, may have blanks. */
    char *field = strrchr(text, ')');
    if (field == NULL || field[1] != ' ')
        return false;
    sight->letter = field[2];
    field = strtok_r(field + 1, " ", &rest); /* the third field */
    for (int i = 3; i < 14 && field != NULL; i++)
        field = strtok_r(NULL, " ", &rest);
    sight->user = field != NULL ? strtoull(field, NULL, 10) : 0;
    field = strtok_r(NULL, " ", &rest);
    sight->kernel = field != NULL ? strtoull(field, NULL, 10) : 0;
    return field != NULL;
}

/* A thread that is ready but gets no processor is kept waiting by the host. */
static enum thread_state judge_running(int thread_id, const struct sight *before)
{
    struct sight after;

    nanosleep(&(struct timespec){.tv_nsec = BETWEEN_NS}, NULL);
    if (!see(thread_id, &after))
        return THREAD_UNKNOWN;
    const uint64_t user = after.user - before->user;
    return user >= BUSY_TICKS && (after.kernel - before->kernel) * 4 <= user ? THREAD_LOOPS
                                                                             : THREAD_IN_KERNEL;
}

/* By the name of the kernel's function that it sleeps in. */
static enum thread_state judge_sleeping(int thread_id)
{
    static const struct {
        const char *part;
        enum thread_state state;
    } known[] = {
        {"futex", THREAD_WAITS_FOR_OUR},
        {"poll", THREAD_RESTS},
        {"nanosleep", THREAD_RESTS},
        {"pause", THREAD_RESTS},
    };
    char text[TEXT_ROOM];

    if (!read_file(thread_id, "wchan", text) || strcmp(text, "0") == 0)
        return THREAD_UNKNOWN;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strstr(text, known[i].part) != NULL)
            return known[i].state;
    return THREAD_IN_KERNEL;
}

enum thread_state thread_state_look(int thread_id)
{
    struct sight sight;

    if (!see(thread_id, &sight))
        return THREAD_UNKNOWN;
    switch (sight.letter) {
    case 'R':
        return judge_running(thread_id, &sight);
    case 'S':
        return judge_sleeping(thread_id);
    case 'T':
    case 't':
        return THREAD_STOPPED;
    default:
        return THREAD_IN_KERNEL;
    }
}

struct entry { /* of getdents64(2) */
    uint64_t inode;
    int64_t offset;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

void thread_state_visit(bool (*visit)(void *argument, int thread_id), void *argument)
{
    _Alignas(struct entry) char entries[4096];
    bool goes_on = true;
    long got;
    /* opendir(3) would allocate. */
    const int fd = open("/proc/self/task", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    while (goes_on && (got = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0)
        for (long at = 0; at < got && goes_on;) {
            const struct entry *entry = (const struct entry *)(const void *)(entries + at);
            if (entry->name[0] >= '1' && entry->name[0] <= '9')
                goes_on = visit(argument, atoi(entry->name));
            at += entry->bytes;
        }
    close(fd);
}
