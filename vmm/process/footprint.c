/* SPDX-License-Identifier: MIT */
#include "footprint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATUS_TEXT 4096u /* it has some 1500 bytes, and more with the number of processors */

static int status_file = -1;

/* false: it cannot be read. */
static bool read_status(char text[STATUS_TEXT])
{
    const ssize_t got = pread(status_file, text, STATUS_TEXT - 1, 0);

    if (got <= 0)
        return false;
    text[got] = '\0';
    return true;
}

void footprint_keep(void)
{
    char text[STATUS_TEXT];

    status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status_file < 0)
        return;
    /* The kernel takes a buffer for it at the first read, and keeps that. */
    read_status(text);
}

/* The amount in a line like "RssAnon:    1234 kB". false: there is none. */
static bool find(const char *text, const char *word, uint64_t *bytes)
{
    const char *line = strstr(text, word);
    char *end;

    if (line == NULL)
        return false;
    const unsigned long long kib = strtoull(line + strlen(word), &end, 10);
    if (strncmp(end, " kB\n", 4) != 0)
        return false;
    *bytes = (uint64_t)kib << 10;
    return true;
}

bool footprint_memory(struct footprint_memory *memory)
{
    char text[STATUS_TEXT];

    return status_file >= 0 && read_status(text) && find(text, "\nRssAnon:", &memory->anonymous) &&
           find(text, "\nRssFile:", &memory->files) && find(text, "\nVmPTE:", &memory->page_tables);
}

uint64_t footprint_processor_ns(void)
{
    struct timespec taken;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &taken);
    return (uint64_t)taken.tv_sec * 1000000000u + (uint64_t)taken.tv_nsec;
}
